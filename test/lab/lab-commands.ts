import { spawn } from "node:child_process";
import { once } from "node:events";
import { describeLab, waysIn } from "./describe-lab.ts";
import { bringDownLab, bringUpLab, openLab } from "./lab.ts";
import type { Suite } from "./lab-host.ts";
import { needTestPackages } from "./lab-packages.ts";
import { LabRefusal } from "./lab-refusal.ts";

/** What `up` is given on the command line. */
export interface UpOptions {
  readonly id: string;
  readonly hosts: number;
  /** One for each host; the last one also for those after it. */
  readonly suite?: readonly Suite[];
  /** The kinds of VMs of each host; the last ones also of those after it. */
  readonly vms?: readonly (readonly string[])[];
  readonly bastion?: true;
  readonly login?: string;
}

/** The commands of `scripts/lab.ts`. */
export const labCommands = {
  up: async (options: UpOptions): Promise<void> => {
    const hosts = Array.from({ length: options.hosts }, (_, index) => {
      const suite = options.suite?.[index] ?? options.suite?.at(-1);
      const vms = options.vms?.[index] ?? options.vms?.at(-1);
      return {
        name: `hv${index + 1}`,
        ...(suite === undefined ? {} : { suite }),
        ...(vms === undefined ? {} : { vms }),
      };
    });
    const lab = await bringUpLab({
      ...{ id: options.id, hosts, progress: (line) => console.log(line) },
      ...(options.bastion === undefined ? {} : { hasBastion: options.bastion }),
      ...(options.login === undefined ? {} : { login: options.login }),
    });
    console.log(waysIn(lab));
  },

  down: async ({ id }: { id: string }): Promise<void> => {
    await bringDownLab(id);
    console.log(`nothing of lab ${id} is left`);
  },

  packages: async (): Promise<void> => await needTestPackages((line) => console.log(line)),

  status: async ({ id }: { id: string }): Promise<void> => console.log(await describeLab(await openLab(id))),

  shell: async (host: string, { id }: { id: string }): Promise<void> => {
    const lab = await openLab(id);
    const names = lab.hosts.map(({ name }) => name);
    if (!names.includes(host))
      throw new LabRefusal(`Cannot enter "${host}": lab "${id}" has ${names.join(", ")}`);
    const ssh = spawn("ssh", ["-F", lab.sshConfig, host], { stdio: "inherit" });
    const [code] = (await once(ssh, "close")) as [number | null];
    process.exitCode = code ?? 1;
  },
};
