// The watchers of a guard: which there are, what became of them, and waiting for what they do.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { GuardedVm } from "./guarded-vm.ts";

/** The processes that watch this guard. */
export function watchersOf({ folder }: GuardedVm): readonly number[] {
  const alike = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => commandOf(id).join(" ").endsWith(`${folder}/guard.sh watch`));
  // What a watcher forks for a moment, as for `$(…)`, has its command line.
  return alike.filter((id) => !alike.includes(parentOf(id) ?? "")).map(Number);
}

/** Waits until something holds; fails with the state of the guard when it does not in 30 s. */
export async function eventually(vm: GuardedVm, what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 600) throw new Error(`Not seen in 30 s: ${what}\n${stateOf(vm)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the guard is gone, and returns the fields of its receipt. */
export async function receiptOf(vm: GuardedVm): Promise<readonly string[]> {
  await eventually(vm, "the guard is gone", () => !existsSync(vm.folder));
  return readFileSync(`${vm.folder}.receipt`, "utf8").trimEnd().split("\t");
}

/** The process that started this one; undefined once it has ended. */
export function parentOf(id: string): string | undefined {
  return /^PPid:\t(\d+)$/m.exec(readProcess(id, "status"))?.[1];
}

function commandOf(id: string): readonly string[] {
  return readProcess(id, "cmdline").split("\0").slice(0, -1);
}

function readProcess(id: string, name: "status" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${id}/${name}`, "utf8");
  } catch {
    // It ended meanwhile.
    return "";
  }
}

function stateOf({ folder }: GuardedVm): string {
  if (!existsSync(folder)) return "no guard";
  return ["state", "left", "cause", "journal"]
    .map((name) => `${folder}/${name}`)
    .filter((path) => existsSync(path))
    .map((path) => `${path}:\n${readFileSync(path, "utf8")}`)
    .join("");
}
