// The lock of a VM's guard, held by somebody else: what is started meanwhile is known to wait for it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import type { GuardedVm } from "./guarded-vm.ts";
import { eventually, parentOf } from "./watcher.ts";

export interface HeldLock {
  /** Waits until so many processes wait for it. */
  awaited(count: number): Promise<void>;
  /** Lets go of it, or deletes it first. */
  release(how?: "delete"): void;
}

/** Takes the lock, which may not be there yet. */
export async function holdLock(vm: GuardedVm): Promise<HeldLock> {
  const path = `${vm.folder}.lock`;
  const script = 'exec 9>>"$1"; flock 9; echo held; read -r how; [ "$how" != delete ] || rm "$1"';
  const holder = spawn("sh", ["-c", script, "sh", path], { stdio: ["pipe", "pipe", "ignore"] });
  await once(holder.stdout, "data");
  return {
    awaited: (count) =>
      eventually(vm, `${count} wait for the lock`, () => openersOf(path).length === count + 1),
    release: (how) => void holder.stdin.end(`${how ?? ""}\n`),
  };
}

/** Has two restores run at once: neither begins before both are there. */
export async function restoreTwiceAtOnce(vm: GuardedVm): Promise<readonly [Ended, Ended]> {
  const lock = await holdLock(vm);
  const both = [vm.guard("restore"), vm.guard("restore")] as const;
  await lock.awaited(2);
  lock.release();
  return await Promise.all(both);
}

type Ended = Awaited<ReturnType<GuardedVm["guard"]>>;

/** Without what such a process has started itself, as for a pause. */
function openersOf(path: string): readonly string[] {
  const isOpen = (id: string): boolean => {
    try {
      return readdirSync(`/proc/${id}/fd`).some(
        (number) => readlinkSync(`/proc/${id}/fd/${number}`) === path,
      );
    } catch {
      return false; // ended meanwhile
    }
  };
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOpen(name));
  return all.filter((id) => !all.includes(parentOf(id) ?? ""));
}
