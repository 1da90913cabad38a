// What an SSH channel is for a host, a process is for this machine.

import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import type { Channel } from "./exchange.ts";
import { signalGroup } from "./signal-group.ts";

/**
 * Starts a line of shell text in a session of its own, so that Ctrl-C reaches only us, and away from our folder and our
 * terminal, which what it leaves behind must not hold. Closing the channel ends it, unless it has ended by itself:
 * then what it left in the background stays, as it does on a host.
 * @throws the system's error when there is no process to be had.
 */
export async function openLocalChannel(
  commandLine: string,
  environment: Readonly<Record<string, string>>,
): Promise<Channel> {
  const child = spawn("/bin/sh", ["-c", commandLine], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    cwd: "/",
    env: environment,
  });
  if (child.pid === undefined) {
    const [error] = (await once(child, "error")) as [Error];
    throw error;
  }
  const { stdin, stdout, stderr, pid } = child;
  const channel = new EventEmitter();
  // A shell that ends without reading all is told of by how it ends.
  for (const stream of [stdin, stdout, stderr, child]) stream.on("error", () => undefined);
  stdout.on("data", (chunk: Buffer) => channel.emit("data", chunk));
  child.once("close", (code, signal) => channel.emit("close", code, signal ?? undefined));
  return Object.assign(channel, {
    stderr,
    write: (text: string) => stdin.write(text),
    end: () => stdin.end(),
    close: () => {
      if (child.exitCode === null && child.signalCode === null) signalGroup(pid, "SIGKILL");
      for (const stream of [stdin, stdout, stderr]) stream.destroy();
    },
  });
}
