// The way to a host behind others: the OpenSSH client goes there and hands us the byte stream.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";
import type { Command } from "../shell/command.ts";
import type { Environment } from "./ask-client-config.ts";

/** A connection that goes through other hosts. */
export interface JumpStream {
  readonly stream: Duplex;
  /** What the hops said; the reason when the way is closed. To be asked once the stream is destroyed. */
  hopMessages(): Promise<string>;
}

const keptMessageLength = 4000;
/** How long the last words of a hop are waited for. */
const messageMilliseconds = 1000;

/**
 * Starts the command and makes a socket of its input and output. The command is ended when the socket closes.
 *
 * It gets a process group of its own: Ctrl-C must not cut the link over which hosts are being restored, and a
 * ProxyCommand may have children.
 */
export function openJumpStream(command: Command, environment: Environment): JumpStream {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { ...environment, LC_ALL: "C" },
  });
  let messages = "";
  child.stderr.on("data", (chunk: Buffer) => {
    messages = (messages + chunk.toString("utf8")).slice(-keptMessageLength);
  });
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  child.once("error", (error) => {
    messages = `${messages}${error.message}`;
    stream.destroy(error);
  });
  child.once("exit", (code, signal) => {
    if (code !== 0)
      stream.destroy(new Error(`the way through ${program} ended with ${code ?? String(signal)}`));
  });
  stream.once("close", () => endGroup(child));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    stream,
    async hopMessages() {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, messageMilliseconds)));
      await Promise.race([ended, patience]).finally(() => clearTimeout(timer));
      return messages.trim();
    },
  };
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
