// Has a host restore itself, and asks again for as long as asking can help.

import { setTimeout as sleep } from "node:timers/promises";
import type { HostShell, RestoreProgress } from "../backup/ports.ts";
import type { LeftOnHost, Receipt, Restoration, RestoreCause } from "../model/guard.ts";
import { meaning } from "./meaning.ts";
import { isLinkTrouble } from "./link-trouble.ts";
import { parseRestoreLine } from "./restore-line.ts";

/** What a restore of a host depends on. */
export interface RestoreOptions {
  /** The guard's folder on the host. */
  readonly folder: string;
  /** Whose guard is meant: another backup's, armed since in the same folder, is left alone. */
  readonly backupId: string;
  readonly cause: RestoreCause;
  readonly onProgress: (progress: RestoreProgress) => void;
  /** How long a host that cannot be reached is asked again; it restores itself meanwhile. */
  readonly patienceSeconds: number;
}

/** A little over the longest time guard.sh gives one disk; it ends by itself long before. */
const restoreDeadlineSeconds = 4 * 7200;
/** How often a restore is asked for whose process was killed, or whose link broke, whatever the time. */
const leastAttempts = 3;
const pauseMilliseconds = 1000;
/** The guard removes itself when all is undone; an attempt that finds no script has nothing left to do. */
const restoreText =
  '[ -e "$1/guard.sh" ] || { cat "$1.receipt" 2>/dev/null; echo restored; exit 0; }; exec sh "$1/guard.sh" restore "$2" ""';

/**
 * Has the host undo everything its guard recorded. Never throws: what it could not undo it returns.
 *
 * When the link breaks meanwhile, the host goes on; the next attempt waits for it under the guard's lock and reports what
 * it finds, so asking again is always right. The same when somebody kills the process that restores.
 */
export async function restoreHost(shell: HostShell, options: RestoreOptions): Promise<Restoration> {
  const giveUpAt = Date.now() + options.patienceSeconds * 1000;
  for (let killed = 0, cut = 0; ;) {
    try {
      const answer = await restoreOnce(shell, options);
      if (answer.kind === "ended") return answer.restoration;
      if (++killed >= leastAttempts) return unknownEnd(answer.detail);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      if (!isLinkTrouble(error)) return unknownEnd(detail);
      if (++cut >= leastAttempts && Date.now() >= giveUpAt) return unknownEnd(detail);
      // A way that is broken tells nobody when it is mended.
      await sleep(pauseMilliseconds);
    }
  }
}

type Answer =
  | { readonly kind: "ended"; readonly restoration: Restoration }
  | { readonly kind: "unknown"; readonly detail: string };

async function restoreOnce(
  shell: HostShell,
  { folder, backupId, cause, onProgress }: RestoreOptions,
): Promise<Answer> {
  const left: LeftOnHost[] = [];
  let receipt: Receipt | undefined;
  let isRestored = false;
  let isStuck = false;
  const onLine = (text: string): void => {
    const line = parseRestoreLine(text);
    if (line === undefined) return;
    if (line.kind === "progress") onProgress({ ...line, kind: "fold-progress" });
    if (line.kind === "folded") onProgress({ ...line, kind: "overlay-folded" });
    if (line.kind === "left") left.push({ action: line.verb, detail: line.detail });
    if (line.kind === "receipt") receipt = line.receipt;
    if (line.kind === "restored") isRestored = true;
    if (line.kind === "stuck") isStuck = true;
  };
  const result = await shell.run([...meaning(backupId), "sh", "-c", restoreText, "sh", folder, cause], {
    deadlineSeconds: restoreDeadlineSeconds,
    onLine,
  });
  if (isRestored && left.length === 0) return { kind: "ended", restoration: { left: [], receipt } };
  if (isStuck && left.length > 0) return { kind: "ended", restoration: { left, receipt: undefined } };
  const said = result.stderr.trimEnd().split("\n").at(-1) ?? "";
  return { kind: "unknown", detail: said === "" ? `guard.sh ended with ${result.code}` : said };
}

function unknownEnd(detail: string): Restoration {
  return { left: [{ action: "restore-host", detail }], receipt: undefined };
}
