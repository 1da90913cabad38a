// A host, some of its VMs, and a store that holds one good backup of each: where most tests about trouble begin.

import assert from "node:assert/strict";
import type { Lab } from "../../lab/lab.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { assertHostAsBefore, rememberHost, type HostMemory } from "./host-memory.ts";
import { makeScratchFolder, type ScratchFolder } from "./scratch-folder.ts";
import { assertStoreAsBefore, rememberStore, type StoreMemory } from "./store-memory.ts";
import { openTestHost } from "./test-host.ts";
import { runBackup } from "./virtfold-process.ts";

/** What a test begins with, and how it checks that nothing of it changed. */
export interface BackupCase {
  readonly lab: Lab;
  readonly host: LabHost;
  readonly scratch: ScratchFolder;
  readonly store: string;
  /** Arguments that back up one of the VMs into the store, telling of each step. */
  argumentsFor(vm: string): readonly string[];
  /** Asserts that the host is as it was. */
  assertHostAsBefore(): Promise<void>;
  /** Asserts that the store holds the first backups and nothing else. */
  assertStoreAsBefore(): Promise<void>;
  /** Asserts that the host is as it was, and that the store holds the first backups and nothing else. */
  assertAllAsBefore(): Promise<void>;
  /** Takes the present state for the one to compare with. */
  rememberAll(): Promise<void>;
}

/** Brings the host up, backs up each of these VMs once, and remembers everything. */
export async function openBackupCase(hostName: string, vms: readonly string[]): Promise<BackupCase> {
  const { lab, host } = await openTestHost(hostName, vms);
  const scratch = await makeScratchFolder();
  const store = await scratch.newStore();
  const argumentsFor = (vm: string): readonly string[] => [
    ...[`${hostName}/${vm}`, "--store", store],
    // A short lease: what a test leaves behind is gone before the next one begins.
    ...["--ssh-config", lab.sshConfig, "--verbose", "--lease", "20"],
  ];
  for (const vm of vms) {
    const { code, stderr } = await runBackup(argumentsFor(vm));
    assert.equal(code, 0, stderr);
  }
  let hostMemory: HostMemory;
  let storeMemory: StoreMemory;
  const rememberAll = async (): Promise<void> => {
    hostMemory = await rememberHost(host, vms);
    storeMemory = await rememberStore(store);
  };
  await rememberAll();
  return {
    ...{ lab, host, scratch, store, argumentsFor, rememberAll },
    assertHostAsBefore: () => assertHostAsBefore(host, hostMemory),
    assertStoreAsBefore: () => assertStoreAsBefore(store, storeMemory),
    assertAllAsBefore: async () => {
      await assertHostAsBefore(host, hostMemory);
      await assertStoreAsBefore(store, storeMemory);
    },
  };
}
