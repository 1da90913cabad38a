// What virsh prints, read. Always under LC_ALL=C: its words are translated otherwise.

import type { VmState } from "../model/vm.ts";
import { AnswerError } from "./answer-error.ts";

/**
 * UUIDs from `list --all --uuid`.
 * @throws AnswerError for any other line.
 */
export function parseUuids(text: string): readonly string[] {
  const lines = parseNames(text);
  const other = lines.find((line) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(line));
  if (other !== undefined) throw new AnswerError(`not a UUID: ${JSON.stringify(other)}`);
  return lines;
}

/**
 * Names of snapshots or checkpoints, one a line, from any command with `--name`. Not trimmed: a snapshot's name may
 * begin and end with blanks.
 * @throws AnswerError for a NUL byte, which no command can be given.
 */
export function parseNames(text: string): readonly string[] {
  if (text.includes("\0")) throw new AnswerError("a name with a NUL byte");
  return text.split("\n").filter((line) => line !== "");
}

/** The name that `snapshot-current --name` prints; undefined when it prints none. */
export function parseCurrentSnapshot(text: string): string | undefined {
  return parseNames(text)[0];
}

/**
 * Whether virsh failed for no other reason than that libvirt has no such domain (virshLookupDomainInternal in
 * tools/virsh-util.c; older ones add libvirt's own sentence). One that went away while it was asked is gone; one that libvirt
 * does not answer about, because it is busy or is being started again, is not.
 */
export function saysDomainIsGone(answer: { readonly code: number; readonly stderr: string }): boolean {
  const lines = answer.stderr.split("\n").filter((line) => line.trim() !== "");
  return (
    answer.code === 1 &&
    lines.length > 0 &&
    lines.every((line) => /^error: (?:failed to get domain |Domain not found)/.test(line))
  );
}

/**
 * What `domstate --reason` says, such as `paused (I/O error)`.
 * @throws AnswerError when it is neither a state nor one with its reason.
 */
export function parseDomainState(text: string): { readonly state: VmState; readonly stateReason: string } {
  const found = /^([a-z ]+?)(?: \(([^()]*)\))?\n*$/.exec(text);
  if (found === null) throw new AnswerError(`not a state: ${JSON.stringify(text.slice(0, 80))}`);
  const [, words = "", stateReason = ""] = found;
  return { state: states.get(words) ?? "unknown", stateReason };
}

/** From virsh's own list (virshDomainState); `idle` is a VM that waits for input or output. */
const states: ReadonlyMap<string, VmState> = new Map([
  ["running", "running"],
  ["idle", "running"],
  ["paused", "paused"],
  ["in shutdown", "in-shutdown"],
  ["shut off", "shut-off"],
  ["crashed", "crashed"],
  ["pmsuspended", "suspended"],
]);

/**
 * What `dominfo` says of a VM's permanence, and whether it starts with its host.
 * @throws AnswerError when it does not say it.
 */
export function parseDomainInfo(text: string): {
  readonly isPersistent: boolean;
  readonly hasManagedSave: boolean;
  readonly startsWithHost: boolean;
} {
  return {
    isPersistent: isOn(text, "Persistent", ["yes", "no"]),
    hasManagedSave: isOn(text, "Managed save", ["yes", "no"]),
    startsWithHost: isOn(text, "Autostart", ["enable", "disable"]),
  };
}

/** The last line with this label counts: the VM's name stands above it, and may hold anything. */
function isOn(text: string, label: string, [on, off]: readonly [string, string]): boolean {
  const value = Array.from(text.matchAll(new RegExp(`^${label}:[ ]+(${on}|${off})$`, "gm"))).at(-1)?.[1];
  if (value === undefined) throw new AnswerError(`no line "${label}: ${on}" or "${off}"`);
  return value === on;
}
