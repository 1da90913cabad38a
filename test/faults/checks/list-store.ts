// What `virtfold list` says.

import { programCommand } from "../../e2e/support/virtfold-process.ts";
import { runChecked } from "../../lab/run-checked.ts";
import { hostName } from "../subjects.ts";

/** A row of the list. */
export interface ListedBackup {
  readonly vm: string;
  readonly when: string;
  /** `good`, `partial` and so on, with the reason where there is one. */
  readonly state: string;
}

/** Asks the program itself. */
export async function listStore(store: string): Promise<readonly ListedBackup[]> {
  const text = await runChecked([...programCommand("list"), "--store", store]);
  const lines = text.split("\n").slice(1).filter(Boolean);
  return lines.map((line) => {
    const [host = "", vm = "", when = "", ...rest] = line.trim().split(/ {2,}/);
    if (host !== hostName) throw new Error(`Cannot read this line of the list: ${line}`);
    return { vm, when, state: rest.at(-1) ?? "" };
  });
}
