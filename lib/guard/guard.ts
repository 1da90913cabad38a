// The controller's end of guard.sh: arms it, records what it must undo, has it restore the host.
// It holds no second way to undo anything.

import { readFile } from "node:fs/promises";
import type { Guard, HostShell, RestoreProgress } from "../backup/ports.ts";
import type { LeftOnHost } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import { quoteArgument } from "../shell/command.ts";
import { journalFields } from "./journal.ts";
import { parseRestoreLine } from "./restore-line.ts";

/** Who a guard is for. */
export interface GuardOwner {
  readonly vm: string;
  readonly uuid: string;
  readonly backupId: string;
  readonly uri: string;
  /** Names this controller to whoever finds the guard: `user@machine pid 123`. */
  readonly controller: string;
}

/** A little over the longest time guard.sh gives one disk; it ends by itself long before. */
const restoreDeadlineSeconds = 4 * 7200;
/** arm.sh waits up to 30 s for its lock and 60 s for virsh. */
const armDeadlineSeconds = 150;
const restoreAttempts = 3;
/** The guard removes itself when all is undone; an attempt that finds no script has nothing left to do. */
const restoreText = '[ -e "$1" ] || { echo restored; exit 0; }; exec sh "$1" restore';

/**
 * Arms a guard on the host. One remote command: afterwards there is an armed guard, or nothing that counts.
 * When the link breaks before the answer is here, a second attempt finds out which: a guard under our own id is ours.
 * @throws BackupError `guard-held` when another backup of this VM is open, `guard-failed` when it cannot be armed.
 */
export async function armGuard(shell: HostShell, owner: GuardOwner): Promise<Guard> {
  try {
    return await armOnce(shell, owner);
  } catch (error) {
    if (!isLinkTrouble(error)) throw error;
    return await armOnce(shell, owner);
  }
}

async function armOnce(shell: HostShell, owner: GuardOwner): Promise<Guard> {
  const [armText, guardText] = await Promise.all([readScript("arm.sh"), readScript("guard.sh")]);
  const { uuid, uri, vm, controller } = owner;
  const argv = [guardText, uuid, owner.backupId, uri, vm, controller];
  const result = await shell.runScript(armText, argv, { deadlineSeconds: armDeadlineSeconds });
  const [answer, folder = "", ...rest] = result.stdout.trimEnd().split("\n").at(-1)?.split("\t") ?? [];
  if (answer === "armed" && result.code === 0) return connectGuard(shell, owner, folder);
  if (answer === "held") {
    const [backupId = "", since = ""] = rest;
    if (backupId === owner.backupId) return connectGuard(shell, owner, folder);
    throw new BackupError({
      kind: "guard-held",
      host: shell.name,
      vm,
      backupId,
      since,
      command: byHand(folder),
    });
  }
  const detail = answer === "failed" ? folder : lastLine(result.stderr);
  throw new BackupError({ kind: "guard-failed", host: shell.name, vm, detail });
}

function connectGuard(shell: HostShell, owner: GuardOwner, folder: string): Guard {
  const script = `${folder}/guard.sh`;
  return {
    restoreCommand: byHand(folder),
    async record(actions) {
      for (const action of actions) {
        const result = await shell.run(["sh", script, "record", ...journalFields(action)]);
        if (result.code !== 0) throw guardFailed(shell, owner, lastLine(result.stderr));
      }
    },
    async settle(verb) {
      const result = await shell.run(["sh", script, "settle", verb]);
      if (result.code !== 0) throw guardFailed(shell, owner, lastLine(result.stderr));
    },
    async change(command, options) {
      const result = await shell.run(["sh", script, "change", ...command], options);
      if (result.code === 5 || result.code === 6) throw guardFailed(shell, owner, lastLine(result.stderr));
      return result;
    },
    restore: (onProgress) => restore(shell, script, onProgress),
  };
}

/**
 * Has the host restore itself. When the link breaks meanwhile, the host goes on; the next attempt waits for it under
 * the guard's lock and reports what it finds, so asking again is always right.
 */
async function restore(
  shell: HostShell,
  script: string,
  onProgress: (progress: RestoreProgress) => void,
): Promise<readonly LeftOnHost[]> {
  let lost: unknown;
  for (let attempt = 0; attempt < restoreAttempts; attempt++) {
    try {
      return await restoreOnce(shell, script, onProgress);
    } catch (error) {
      lost = error;
      if (!isLinkTrouble(error)) break;
    }
  }
  const detail = lost instanceof Error ? lost.message : String(lost);
  return [{ action: "restore-host", detail }];
}

async function restoreOnce(
  shell: HostShell,
  script: string,
  onProgress: (progress: RestoreProgress) => void,
): Promise<readonly LeftOnHost[]> {
  const left: LeftOnHost[] = [];
  let isRestored = false;
  const onLine = (text: string): void => {
    const line = parseRestoreLine(text);
    if (line === undefined) return;
    if (line.kind === "progress") onProgress({ ...line, kind: "fold-progress" });
    if (line.kind === "folded") onProgress({ ...line, kind: "overlay-folded" });
    if (line.kind === "left") left.push({ action: line.verb, detail: line.detail });
    if (line.kind === "restored") isRestored = true;
  };
  const result = await shell.run(["sh", "-c", restoreText, "sh", script], {
    deadlineSeconds: restoreDeadlineSeconds,
    onLine,
  });
  if (isRestored && left.length === 0) return [];
  if (left.length > 0) return left;
  return [
    { action: "restore-host", detail: lastLine(result.stderr) || `guard.sh ended with ${result.code}` },
  ];
}

function isLinkTrouble(error: unknown): boolean {
  return error instanceof BackupError && ["connection-lost", "host-unreachable"].includes(error.reason.kind);
}

function guardFailed(shell: HostShell, owner: GuardOwner, detail: string): BackupError {
  return new BackupError({ kind: "guard-failed", host: shell.name, vm: owner.vm, detail });
}

function byHand(folder: string): string {
  return `sh ${quoteArgument(`${folder}/guard.sh`)} restore`;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

async function readScript(name: "arm.sh" | "guard.sh"): Promise<string> {
  return await readFile(new URL(name, import.meta.url), "utf8");
}
