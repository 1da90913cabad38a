// A real block device for a test: a loop device over a file of its own.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there can be none here; false when there can. */
export const skipWithoutLoops = findTrouble();

export interface LoopDevice {
  readonly path: string;
  /** As the kernel counts devices, `7:3`. */
  readonly number: string;
  /** What is on it. */
  content(): Buffer;
  remove(): void;
}

/** Makes one that is full of what somebody may still want; with options of losetup. */
export function makeLoopDevice(bytes: number, options: readonly string[] = []): LoopDevice {
  const folder = mkdtempSync(join(tmpdir(), "vf-loop-"));
  const file = join(folder, "backing");
  writeFileSync(file, Buffer.alloc(bytes, "old"));
  const path = run("losetup", "--find", "--show", ...options, file).trim();
  const { rdev } = statSync(path);
  return {
    path,
    number: `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`,
    content: () => {
      run("blockdev", "--flushbufs", path);
      return readFileSync(path);
    },
    remove: () => {
      run("losetup", "--detach", path);
      rmSync(folder, { recursive: true });
    },
  };
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" });
}

function findTrouble(): string | false {
  if (process.getuid?.() !== 0) return "needs root";
  try {
    run("losetup", "--find");
    return false;
  } catch {
    return "needs loop devices";
  }
}
