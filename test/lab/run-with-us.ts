import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Command } from "../../lib/shell/command.ts";
import { toShell } from "../../lib/shell/command.ts";

/** Put before a command: the kernel kills it when the process that started it dies. */
export const withUs = ["setpriv", "--pdeathsig", "KILL"] as const;

/**
 * Runs a long command so that nothing of it outlives us: not a process and not a mount, even if we are killed.
 *
 * The kernel kills setpriv's child when this process dies; that child holds a process and a mount namespace, and both
 * end with it.
 */
export async function runWithUs(
  command: Command,
  options: { deadlineSeconds: number; directory?: string },
): Promise<void> {
  const [program, ...args] = [
    ...withUs,
    ...[
      "unshare",
      "--mount",
      "--pid",
      "--fork",
      "--kill-child=KILL",
      "--propagation",
      "private",
      "--mount-proc",
    ],
    ...command,
  ];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
    timeout: options.deadlineSeconds * 1000,
    killSignal: "SIGKILL",
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
  });
  let tail = "";
  const collect = (chunk: Buffer): void => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`Cannot run ${toShell(command).slice(0, 400)}: ${code ?? signal}\n${tail}`);
}
