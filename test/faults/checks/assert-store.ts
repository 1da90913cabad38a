// Is the store after a run what the run says of it: earlier backups untouched, new ones good, nothing half-done among them?

import assert from "node:assert/strict";
import { assertCopyWithoutGap } from "./assert-copy.ts";
import { listStore, type ListedBackup } from "./list-store.ts";
import { lookAgain, rememberStore, type StoreMemory } from "../../e2e/support/store-memory.ts";
import { newestBackup } from "../../lab/restore-by-hand.ts";
import { hostName } from "../subjects.ts";
import type { VmWitness } from "../vm-witness.ts";

/** A store before a run. */
export interface StoreWitness {
  readonly memory: StoreMemory;
  readonly listed: readonly ListedBackup[];
}

/** What may have come to it. */
export interface StoreChanges {
  /** The VMs whose backup was made, as the run tells. */
  readonly good: readonly string[];
  /** A run that was killed may have published without telling, and leaves what it had begun. */
  readonly wasKilled: boolean;
  /** The VMs before the run. */
  readonly witnesses: readonly VmWitness[];
}

/** Looks at a store; what is true of it is true of a copy of it. */
export async function witnessStore(store: string): Promise<StoreWitness> {
  return { memory: await rememberStore(store), listed: await listStore(store) };
}

/** Asserts that nothing but the told backups came to the store. Returns the VMs with a new good backup. */
export async function assertStore(
  store: string,
  { memory, listed }: StoreWitness,
  { good, wasKilled, witnesses }: StoreChanges,
): Promise<readonly string[]> {
  assertUntouched(memory, await lookAgain(store, memory));
  const now = await listStore(store);
  const count = (list: readonly ListedBackup[], vm: string): number =>
    list.filter((entry) => entry.vm === vm && entry.state === "good").length;
  const added = witnesses.map(({ vm }) => vm).filter((vm) => count(now, vm) > count(listed, vm));
  if (!wasKilled) assert.deepEqual(added.toSorted(), good.toSorted(), "the summary tells of other backups");
  const rest = now.filter(({ state }) => state !== "good" && !(wasKilled && state === "partial"));
  assert.deepEqual(rest, [], "the store holds something that is no backup");
  for (const vm of added) {
    const backup = await newestBackup(store, { host: hostName, vm });
    await assertCopyWithoutGap(
      backup!,
      witnesses.find((witness) => witness.vm === vm)!,
    );
  }
  return added;
}

/** Every file of every earlier backup is there as it was; only the link to the newest one may change. */
function assertUntouched(before: StoreMemory, after: StoreMemory): void {
  const kept = Object.keys(before).filter((name) => !name.split("/").includes("latest"));
  const changed = kept.filter((name) => before[name] !== after[name]);
  assert.deepEqual(changed, [], "an earlier backup was touched");
}
