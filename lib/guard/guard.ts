// The controller's end of guard.sh: arms it, records what it must undo, has it restore the host.
// It holds no second way to undo anything. The protocol is in README.md beside this file.

import type { Guard, HostShell, LeaseAnswer } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import { quoteArgument } from "../shell/command.ts";
import { journalFields } from "./journal.ts";
import { meaning } from "./meaning.ts";
import { isLinkTrouble } from "./link-trouble.ts";
import { readScript } from "./read-script.ts";
import { restoreHost } from "./restore-host.ts";
import { causeOf, wholeNumber } from "./restore-line.ts";

/** Who a guard is for, and when it acts by itself. */
export interface GuardOwner {
  readonly vm: string;
  readonly uuid: string;
  readonly backupId: string;
  readonly uri: string;
  /** Names this controller to whoever finds the guard: `user@machine pid 123`. */
  readonly controller: string;
  /** How long the host waits for a sign of life; 0 for a guard that nobody watches. */
  readonly leaseSeconds: number;
  /** How much all overlays of the VM may take; 0 for as much as there is room. */
  readonly budgetBytes: number;
  /** What shall stay free on the file system of each overlay. */
  readonly reserveBytes: number;
  /** What the VM's definition shall be like afterwards; without it, as it is when the guard is armed. */
  readonly definition?: string;
  /** The VM is made up for this run: nobody asks later what came of it, so the host keeps no note of it. */
  readonly isForgotten?: boolean;
}

/** arm.sh waits up to 30 s for its lock and 60 s for virsh. */
const armDeadlineSeconds = 150;
const renewDeadlineSeconds = 20;
/** How much longer than its lease a host that cannot be reached is asked to restore itself. */
const extraPatienceSeconds = 60;

/**
 * Arms a guard on the host. One remote command: afterwards there is an armed guard whose watcher is alive, or nothing
 * that counts. When the link breaks before the answer is here, a second attempt finds out which: then, and only then, a
 * guard under our own id and name is ours. Whoever takes up an overlay arms under the id of the backup that made it, which
 * may be at work. What a dead controller left is restored first.
 * @throws BackupError `guard-held` when another backup of this VM is open, `guard-failed` when it cannot be armed,
 * `guard-stuck` when what an earlier one left cannot be undone.
 */
export async function armGuard(shell: HostShell, owner: GuardOwner): Promise<Guard> {
  const first = await armPersistently(shell, owner);
  if (first.kind !== "left") return await take(shell, owner, first);
  const { folder, backupId } = first;
  const onProgress = (): void => undefined;
  const restoration = await restoreHost(shell, {
    ...{ folder, backupId, cause: "recover", onProgress, patienceSeconds: 0 },
  });
  if (restoration.left.length > 0) throw stuck(shell, owner, { folder, backupId, left: restoration.left });
  const second = await armPersistently(shell, owner);
  // Somebody else armed one meanwhile and died at once: too strange to go on.
  if (second.kind === "left") throw guardFailed(shell, owner, "another guard came in between");
  return await take(shell, owner, second);
}

type ArmAnswer =
  | { readonly kind: "armed"; readonly folder: string }
  | { readonly kind: "left"; readonly folder: string; readonly backupId: string }
  | {
      readonly kind: "held";
      readonly folder: string;
      readonly backupId: string;
      readonly since: string;
      readonly controller: string;
    };

async function armPersistently(shell: HostShell, owner: GuardOwner): Promise<ArmAnswer> {
  try {
    return await armOnce(shell, owner);
  } catch (error) {
    if (!isLinkTrouble(error)) throw error;
    const again = await armOnce(shell, owner);
    return again.kind === "held" && isOurs(again, owner) ? { kind: "armed", folder: again.folder } : again;
  }
}

/** Whether it is of an attempt of ours whose answer got lost. */
function isOurs({ backupId, controller }: Extract<ArmAnswer, { kind: "held" }>, owner: GuardOwner): boolean {
  // arm.sh keeps each of its notes on one line.
  return backupId === owner.backupId && controller === owner.controller.replaceAll(/[\t\n]/g, " ");
}

async function armOnce(shell: HostShell, owner: GuardOwner): Promise<ArmAnswer> {
  const [armText, guardText] = await Promise.all([readScript("arm.sh"), readScript("guard.sh")]);
  const { uuid, uri, vm, controller, definition, isForgotten } = owner;
  const limits = [owner.leaseSeconds, owner.budgetBytes, owner.reserveBytes].map((limit) =>
    String(Math.floor(limit)),
  );
  const argv = [guardText, uuid, owner.backupId, uri, vm, controller, ...limits];
  if (definition !== undefined) argv.push(definition, ...(isForgotten === true ? ["forget"] : []));
  const result = await shell.runScript(armText, argv, { deadlineSeconds: armDeadlineSeconds });
  const [answer, folder = "", ...rest] = result.stdout.trimEnd().split("\n").at(-1)?.split("\t") ?? [];
  const [backupId = "", since = "", holder = ""] = rest;
  if (answer === "armed" && result.code === 0) return { kind: "armed", folder };
  if (answer === "held") return { kind: "held", folder, backupId, since, controller: holder };
  if (answer === "left") return { kind: "left", folder, backupId };
  throw guardFailed(shell, owner, answer === "failed" ? folder : lastLine(result.stderr));
}

async function take(
  shell: HostShell,
  owner: GuardOwner,
  answer: Exclude<ArmAnswer, { kind: "left" }>,
): Promise<Guard> {
  if (answer.kind === "armed") return connectGuard(shell, owner, answer.folder);
  const { backupId, since, controller } = answer;
  throw new BackupError({ kind: "guard-held", host: shell.name, vm: owner.vm, backupId, since, controller });
}

function connectGuard(shell: HostShell, owner: GuardOwner, folder: string): Guard {
  const guard = [...meaning(owner.backupId), "sh", `${folder}/guard.sh`] as const;
  return {
    leaseSeconds: owner.leaseSeconds,
    restoreCommand: byHand(folder),
    async record(actions) {
      for (const action of actions) {
        const result = await shell.run([...guard, "record", ...journalFields(action)]);
        if (result.code !== 0) throw guardFailed(shell, owner, lastLine(result.stderr));
      }
    },
    async settle(verb) {
      const result = await shell.run([...guard, "settle", verb]);
      if (result.code !== 0) throw guardFailed(shell, owner, lastLine(result.stderr));
    },
    async keep(verbs) {
      const result = await shell.run([...guard, "keep", ...verbs]);
      if (result.code !== 0) throw guardFailed(shell, owner, lastLine(result.stderr));
    },
    definitionPath: `${folder}/definition.xml`,
    async placeFile(fileName, text) {
      const result = await shell.runScript(placeText, [folder, owner.backupId, fileName, text]);
      if (result.code !== 0) throw guardFailed(shell, owner, lastLine(result.stderr));
      return `${folder}/${fileName}`;
    },
    async change(command, options) {
      const result = await shell.run([...guard, "change", ...command], options);
      if ([5, 6, 7].includes(result.code)) throw guardFailed(shell, owner, lastLine(result.stderr));
      return result;
    },
    deviceWriter: ({ path, number, marker }) => [...guard, "write", path, number, marker],
    renew: () => renew(shell, owner, folder),
    restore: (onProgress) =>
      restoreHost(shell, {
        ...{ folder, backupId: owner.backupId, onProgress, cause: "asked" },
        // A host without a watcher does nothing meanwhile.
        patienceSeconds: owner.leaseSeconds === 0 ? 0 : owner.leaseSeconds + extraPatienceSeconds,
      }),
  };
}

/** As text on standard input: it may hold passwords, and be longer than an argument can be. */
const placeText = `set -e
umask 077
cd -- "$1"
[ -e journal ] && grep -q "^backup-id	$2$" header || { echo "the guard is gone" >&2; exit 5; }
printf '%s' "$4" >"$3.new"
mv -f -- "$3.new" "$3"`;

const renewText =
  '[ -e "$1/guard.sh" ] || { cat "$1.receipt" 2>/dev/null; exit 5; }; exec sh "$1/guard.sh" renew';

async function renew(shell: HostShell, { backupId }: GuardOwner, folder: string): Promise<LeaseAnswer> {
  const result = await shell.run([...meaning(backupId), "sh", "-c", renewText, "sh", folder], {
    deadlineSeconds: renewDeadlineSeconds,
  });
  const fields = lastLine(result.stdout).split("\t");
  if (result.code === 0 && fields[0] === "open")
    return { kind: "open", peakBytes: wholeNumber(fields[1] ?? "") };
  if (fields[0] === "restoring") return ended(fields[1], fields[2]);
  // On a full disk the host may have kept no receipt, and an older one is there.
  if (fields[0] === "receipt" && fields[1] === backupId) return ended(fields[2], fields[3]);
  if (result.code === 5) return ended("recover", "the guard is gone");
  return { kind: "unclear", detail: lastLine(result.stderr) || `guard.sh ended with ${result.code}` };
}

function ended(cause = "recover", detail = ""): LeaseAnswer {
  return { kind: "ended", cause: causeOf(cause), detail };
}

function stuck(
  shell: HostShell,
  { vm }: GuardOwner,
  guard: Pick<Extract<BackupError["reason"], { kind: "guard-stuck" }>, "backupId" | "left"> & {
    readonly folder: string;
  },
): BackupError {
  const { backupId, left, folder } = guard;
  return new BackupError({
    ...{ kind: "guard-stuck", host: shell.name, vm, backupId, left },
    command: byHand(folder),
  });
}

function guardFailed(shell: HostShell, owner: GuardOwner, detail: string): BackupError {
  return new BackupError({ kind: "guard-failed", host: shell.name, vm: owner.vm, detail });
}

/** What a person runs on the host to have it restored. */
export function byHand(folder: string): string {
  return `sh ${quoteArgument(`${folder}/guard.sh`)} restore`;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
