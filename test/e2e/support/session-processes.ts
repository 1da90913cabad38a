// The processes of a run on a host: the session of its commands, and the rsync of its copy.

import { waitUntil } from "../../lab/wait-until.ts";
import type { LabHost } from "../../lab/lab-host.ts";

interface HostProcess {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
}

/** The sshd process that serves the run's commands: the session in which no rsync runs. Waits until there is one rsync. */
export async function controlSession(host: LabHost): Promise<number> {
  return await found(host, "a session without rsync", (processes) => {
    const copying = processes.find(({ command }) => isRsync(command));
    if (copying === undefined) return undefined;
    const ancestors = ancestorsOf(copying, processes);
    return processes.find(({ id, command }) => isSession(command) && !ancestors.includes(id))?.id;
  });
}

/** The sshd processes of all sessions that there are, the one that was opened first first: commands go over that. */
export async function sessionsOnHost(host: LabHost): Promise<readonly number[]> {
  const ids = (await processesOf(host)).filter(({ command }) => isSession(command)).map(({ id }) => id);
  return ids.toSorted((one, other) => one - other);
}

/** The rsyncs that read a disk at this moment. */
export async function rsyncsOnHost(host: LabHost): Promise<readonly number[]> {
  return (await processesOf(host)).filter(({ command }) => isRsync(command)).map(({ id }) => id);
}

/** The rsync that reads a disk on the host. */
export async function rsyncOnHost(host: LabHost): Promise<number> {
  return await found(host, "an rsync", (processes) => processes.find(({ command }) => isRsync(command))?.id);
}

/** OpenSSH 10 has a program of its own for sessions. */
function isSession(command: string): boolean {
  return /^sshd(?:-session)?: \S+@notty/.test(command);
}

function isRsync(command: string): boolean {
  return /^rsync --server/.test(command);
}

function ancestorsOf(process: HostProcess, processes: readonly HostProcess[]): readonly number[] {
  const parent = processes.find(({ id }) => id === process.parent);
  return parent === undefined ? [] : [parent.id, ...ancestorsOf(parent, processes)];
}

async function found(
  host: LabHost,
  what: string,
  find: (processes: readonly HostProcess[]) => number | undefined,
): Promise<number> {
  let text = "";
  const options = { limitSeconds: 30, explain: () => text };
  return await waitUntil(`${host.name} has ${what}`, options, async () => {
    const processes = await processesOf(host);
    text = processes.map(({ command }) => command).join("\n");
    return find(processes);
  });
}

async function processesOf(host: LabHost): Promise<readonly HostProcess[]> {
  const text = await host.check(["ps", "-e", "-o", "pid=,ppid=,args="]);
  const lines = [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)];
  return lines.map(([, id, parent, command]) => ({
    id: Number(id),
    parent: Number(parent),
    command: command!,
  }));
}
