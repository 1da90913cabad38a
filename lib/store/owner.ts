// Who writes a partial folder, and whether that process is provably gone.

import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** One process on one machine; facts that the system does not tell are undefined. */
export interface Owner {
  readonly hostname: string;
  readonly machineId: string | undefined;
  readonly bootId: string | undefined;
  /** Process ids mean something only inside one of these. */
  readonly pidNamespace: string | undefined;
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: tells it from a later one with the same id. */
  readonly startTicks: string | undefined;
}

/** The process that asks. */
export async function describeOwner(): Promise<Owner> {
  return {
    hostname: hostname(),
    machineId: await readFact("/etc/machine-id", /^([0-9a-f]{32})$/),
    bootId: await readFact("/proc/sys/kernel/random/boot_id", /^([0-9a-f-]{36})$/),
    pidNamespace: await readlink("/proc/self/ns/pid").catch(() => undefined),
    pid: process.pid,
    startTicks: await startTicksOf(process.pid).catch(() => undefined),
  };
}

export type OwnerState = "gone" | "alive" | "unknown";

/**
 * Whether the owner of a partial folder still runs. "gone" is proof; every doubt is "unknown": another machine or
 * container, a system without /proc, a fact that cannot be read.
 */
export async function findOwnerState(owner: Owner): Promise<OwnerState> {
  const self = await describeOwner();
  if (owner.hostname !== self.hostname || owner.machineId !== self.machineId) return "unknown";
  if (owner.bootId === undefined || self.bootId === undefined) return "unknown";
  // Two containers may share a host name and have no machine id: then another boot may be another machine.
  if (owner.bootId !== self.bootId) return owner.machineId === undefined ? "unknown" : "gone";
  if (owner.pidNamespace === undefined || owner.pidNamespace !== self.pidNamespace) return "unknown";
  if (owner.startTicks === undefined) return "unknown";
  try {
    return (await startTicksOf(owner.pid)) === owner.startTicks ? "alive" : "gone";
  } catch {
    return "unknown";
  }
}

/** The text of `owner.json`. */
export function formatOwner(owner: Owner): string {
  return `${JSON.stringify(owner, undefined, 2)}\n`;
}

/** Reads `owner.json`, which anybody may have written; undefined when it is not one. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const value = Object(JSON.parse(text)) as Record<string, unknown>;
    const fact = (key: string): string | undefined =>
      typeof value[key] === "string" && value[key].length <= 256 ? value[key] : undefined;
    const host = fact("hostname");
    const { pid } = value;
    if (host === undefined || !Number.isSafeInteger(pid) || (pid as number) <= 0) return undefined;
    return {
      hostname: host,
      machineId: fact("machineId"),
      bootId: fact("bootId"),
      pidNamespace: fact("pidNamespace"),
      pid: pid as number,
      startTicks: fact("startTicks"),
    };
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such process; throws when that cannot be told. */
async function startTicksOf(pid: number): Promise<string | undefined> {
  let text;
  try {
    text = await readFile(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
  // The program's name stands in parentheses and may hold any character: count fields after the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // Dead, and its parent has not asked for its exit code: in a container nobody may ever do.
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  const ticks = fields[19];
  if (ticks === undefined) throw new Error("Cannot read the start of a process");
  return ticks;
}

async function readFact(file: string, pattern: RegExp): Promise<string | undefined> {
  const text = await readFile(file, "latin1").catch(() => "");
  return pattern.exec(text.trim())?.[1];
}
