// After a run that was killed: is the next one good, and does it clean up in the store?

import assert from "node:assert/strict";
import { runBackup } from "../../e2e/support/virtfold-process.ts";
import { backupArguments, type FaultLab } from "../fault-lab.ts";
import { listStore } from "./list-store.ts";

/** Asserts that the next backup is good, and sweeps away what a dead run has begun in the store. */
export async function assertNextSweeps(
  { lab, temporaryFolder }: Pick<FaultLab, "lab" | "temporaryFolder">,
  store: string,
  vms: readonly string[],
): Promise<void> {
  const args = backupArguments(lab.sshConfig, { store, leaseSeconds: 120, vms });
  const { code, stderr } = await runBackup(args, { environment: { TMPDIR: temporaryFolder } });
  assert.equal(code, 0, stderr);
  const rest = (await listStore(store)).filter(({ state }) => state !== "good");
  assert.deepEqual(rest, [], "what the dead run had begun is still in the store");
}
