// Backups to try things on: those another test has made just now, or new ones.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newestBackup } from "../../lab/restore-by-hand.ts";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import type { TestHost } from "./test-host.ts";
import { runBackup } from "./virtfold-process.ts";

/**
 * The newest backup of each of these VMs in the lab's store. Where there is none of this VM, or the program has been
 * changed since, one is made.
 */
export async function currentBackups(
  test: TestHost,
  vms: readonly string[],
): Promise<ReadonlyMap<string, FoundBackup>> {
  const changedAt = await lastChange();
  const found = await findAll(test, vms);
  const missing = vms.filter((vm) => !isCurrent(found.get(vm), changedAt));
  if (missing.length === 0) return found;
  const { lab, host } = test;
  const targets = missing.map((vm) => `${host.name}/${vm}`);
  const end = await runBackup([...targets, "--store", lab.storeDirectory, "--ssh-config", lab.sshConfig]);
  const backups = await findAll(test, vms);
  const failed = missing.filter((vm) => !isCurrent(backups.get(vm), changedAt));
  if (failed.length > 0) throw new Error(`Cannot back up ${failed.join(", ")}:\n${end.stderr}${end.stdout}`);
  return backups;
}

async function findAll(
  { lab, host }: TestHost,
  vms: readonly string[],
): Promise<ReadonlyMap<string, FoundBackup>> {
  const found = new Map<string, FoundBackup>();
  for (const vm of vms) {
    const backup = await newestBackup(lab.storeDirectory, { host: host.name, vm });
    const { stdout } = await host.run(["virsh", "domuuid", vm]);
    if (backup !== undefined && backup.manifest.vm.uuid === stdout.trim()) found.set(vm, backup);
  }
  return found;
}

function isCurrent(backup: FoundBackup | undefined, changedAt: number): boolean {
  return backup !== undefined && Date.parse(backup.manifest.startedAt) > changedAt;
}

/** When the program was changed last. */
async function lastChange(): Promise<number> {
  const library = fileURLToPath(new URL("../../../lib", import.meta.url));
  const names = await readdir(library, { recursive: true });
  const times = await Promise.all(names.map(async (name) => (await stat(join(library, name))).mtimeMs));
  return Math.max(...times);
}
