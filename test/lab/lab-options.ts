import { suites } from "./lab-host.ts";
import type { Suite } from "./lab-host.ts";
import { LabRefusal } from "./lab-refusal.ts";

/** How the values on the command line of `scripts/lab.ts` are read; each refuses what it cannot read. */
export const labOptions = {
  hosts: (text: string): number => {
    if (!/^[1-9]$/.test(text)) throw new LabRefusal(`Cannot make "${text}" hosts: give a number from 1 to 9`);
    return Number(text);
  },

  suites: (text: string): Suite[] =>
    text.split(",").map((name) => {
      const found = suites.find((suite) => suite === name);
      if (found === undefined)
        throw new LabRefusal(`Cannot find a suite "${name}": there are ${suites.join(", ")}`);
      return found;
    }),

  vms: (text: string): string[][] => text.split("/").map((kinds) => kinds.split(",").filter(Boolean)),

  login: (text: string): string => {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(text) || text === "root")
      throw new LabRefusal(
        `Cannot make a login "${text}": use small letters, digits and "-", and not "root"`,
      );
    return text;
  },
};
