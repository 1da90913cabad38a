// A run of virtfold with what was there before and after it, for tests that ask whether it told and copied the truth.

import assert from "node:assert/strict";
import { newestBackup } from "../../lab/restore-by-hand.ts";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import { stateOf } from "../../lab/vm-state.ts";
import { rememberHost } from "./host-memory.ts";
import type { HostMemory } from "./host-memory.ts";
import type { TestHost } from "./test-host.ts";
import { runBackup } from "./virtfold-process.ts";
import type { RunEnd, RunOptions } from "./virtfold-process.ts";

/** A run that has ended. */
export interface WitnessedRun {
  readonly end: RunEnd;
  /** The host before the run. */
  readonly memory: HostMemory;
  /** By VM, for those that run: the last number the guest had written before the run, and after it. */
  readonly wrote: ReadonlyMap<string, { readonly before: number; readonly after: number }>;
  /** By VM, the backup that this run made. */
  readonly backups: ReadonlyMap<string, FoundBackup>;
}

/** What is run, and where its backups go. */
export interface RunToWitness extends RunOptions {
  readonly store: string;
  /** One VM of the host, or all when not given. */
  readonly vm?: string;
  /** Runs it to its end with these arguments; from here, over ssh, when not given. */
  readonly backUp?: (args: readonly string[]) => Promise<RunEnd>;
}

/** Runs `virtfold backup` on the host, or one VM of it, and tells what came of these VMs. */
export async function witnessRun(
  { lab, host }: TestHost,
  vms: readonly string[],
  { store, vm, backUp, ...options }: RunToWitness,
): Promise<WitnessedRun> {
  const memory = await rememberHost(host, vms);
  const before = new Map<string, number>();
  for (const name of vms) {
    if ((await stateOf(host, name)) === "running") before.set(name, await host.guestSequence(name));
  }
  const target = vm === undefined ? host.name : `${host.name}/${vm}`;
  const startedAt = new Date().toISOString();
  const args = [target, "--store", store];
  const end = await (backUp?.(args) ?? runBackup([...args, "--ssh-config", lab.sshConfig], options));
  const wrote = new Map<string, { before: number; after: number }>();
  for (const [name, number] of before) {
    wrote.set(name, { before: number, after: await host.guestSequence(name) });
  }
  const backups = new Map<string, FoundBackup>();
  for (const name of vms) {
    const found = await newestBackup(store, { host: host.name, vm: name });
    if (found !== undefined && found.manifest.startedAt >= startedAt) backups.set(name, found);
  }
  return { end, memory, wrote, backups };
}

/** The backup this run made of a VM; fails, showing what the run said, when it made none. */
export function backupOf(run: WitnessedRun, vm: string): FoundBackup {
  const backup = run.backups.get(vm);
  assert.ok(backup, `the run made no backup of ${vm}:\n${run.end.stderr}${run.end.stdout}`);
  return backup;
}
