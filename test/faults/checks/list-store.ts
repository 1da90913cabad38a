// What `virtfold list` says.

import { fileURLToPath } from "node:url";
import { runChecked } from "../../lab/run-checked.ts";
import { hostName } from "../subjects.ts";

/** A row of the list. */
export interface ListedBackup {
  readonly vm: string;
  readonly when: string;
  /** `good`, `partial` and so on, with the reason where there is one. */
  readonly state: string;
}

const script = fileURLToPath(new URL("../../../scripts/list.ts", import.meta.url));

/** Asks the program itself. */
export async function listStore(store: string): Promise<readonly ListedBackup[]> {
  const command = [process.execPath, "--import", "tsx", script, "--store", store] as const;
  const text = await runChecked(command);
  const lines = text.split("\n").slice(1).filter(Boolean);
  return lines.map((line) => {
    const [host = "", vm = "", when = "", ...rest] = line.trim().split(/ {2,}/);
    if (host !== hostName) throw new Error(`Cannot read this line of the list: ${line}`);
    return { vm, when, state: rest.at(-1) ?? "" };
  });
}
