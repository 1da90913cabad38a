// Which backups of a VM to keep, and why. Pure.

import type { KeepRules } from "../model/retention.ts";
import type { GoodBackup, StoreEntry } from "../store/backup-entry.ts";
import { keepByPeriods, type KeptFor } from "./keep-by-periods.ts";

export interface RetentionOptions {
  /** At least 1. Counts for nothing when there are rules by periods. */
  readonly maxBackups: number;
  readonly keep?: KeepRules | undefined;
  /** What began later is the work of a wrong clock: it is kept, and pushes nothing out. */
  readonly now: Date;
  /** The VM, by the one name that is never given twice on a host. */
  readonly vmUuid: string;
  /** The backup that was just published: never removed, whatever the clock said when it began. */
  readonly justPublished?: string;
}

/** Why a backup stays. `position` counts from 1, the newest. */
export type KeepReason =
  | { readonly kind: "just-published" }
  | { readonly kind: "newest" }
  /** The newest that holds the whole VM; all newer ones are degraded. */
  | { readonly kind: "newest-whole" }
  | { readonly kind: "within-limit"; readonly position: number; readonly limit: number }
  | { readonly kind: "by-rules"; readonly rules: readonly KeptFor[] };

/** Why a backup goes: `limit` others are kept instead, or no rule keeps it. */
export type RemoveReason =
  | { readonly kind: "beyond-limit"; readonly position: number; readonly limit: number }
  | { readonly kind: "by-no-rule" };

/** Why an entry is no matter of retention: it is not counted and not removed. */
export type IgnoreReason =
  | { readonly kind: "not-good"; readonly state: Exclude<StoreEntry["kind"], "good"> }
  | { readonly kind: "other-vm" }
  /** Written to since it was published: a VM may be running on it. */
  | { readonly kind: "touched"; readonly files: readonly string[] }
  /** Its last verification found damage: it is no backup to count on, and a person decides what becomes of it. */
  | { readonly kind: "damaged" }
  /** It begins after now. */
  | { readonly kind: "from-the-future" };

export interface RetentionPlan {
  readonly keep: readonly { readonly entry: GoodBackup; readonly reason: KeepReason }[];
  readonly remove: readonly { readonly entry: GoodBackup; readonly reason: RemoveReason }[];
  readonly ignored: readonly { readonly entry: StoreEntry; readonly reason: IgnoreReason }[];
}

/**
 * Keeps the newest `maxBackups` good backups of one VM, or what rules by periods keep. Of each host by itself: two hosts may have VMs with the same
 * UUID, copied from one template, and neither's backups may push out the other's.
 *
 * Degraded backups count. But the newest whole one always stays, and so do the newest and the one just published:
 * when these alone are more than `maxBackups`, or no rule keeps them, they are kept all the same.
 *
 * @throws RangeError unless `maxBackups` is a whole number of at least 1.
 */
export function planRetention(backups: readonly StoreEntry[], options: RetentionOptions): RetentionPlan {
  if (!Number.isSafeInteger(options.maxBackups) || options.maxBackups < 1) {
    throw new RangeError(`Cannot keep ${options.maxBackups} backups`);
  }
  const plan: Draft = { keep: [], remove: [], ignored: [] };
  const byHost = new Map<string, GoodBackup[]>();
  for (const entry of backups) {
    const found = sort(entry, options);
    if (found.kind === "ignored") {
      plan.ignored.push({ entry, reason: found.reason });
      continue;
    }
    const host = found.candidate.manifest.host.name;
    byHost.set(host, [...(byHost.get(host) ?? []), found.candidate]);
  }
  for (const candidates of byHost.values()) planHost(candidates.sort(newestFirst), options, plan);
  return plan;
}

type Draft = { [K in keyof RetentionPlan]: RetentionPlan[K][number][] };

type Sorted =
  | { readonly kind: "candidate"; readonly candidate: GoodBackup }
  | { readonly kind: "ignored"; readonly reason: IgnoreReason };

function sort(entry: StoreEntry, { vmUuid, now, justPublished }: RetentionOptions): Sorted {
  const ignored = (reason: IgnoreReason): Sorted => ({ kind: "ignored", reason });
  if (entry.kind !== "good") return ignored({ kind: "not-good", state: entry.kind });
  if (entry.manifest.vm.uuid.toLowerCase() !== vmUuid.toLowerCase()) return ignored({ kind: "other-vm" });
  if (entry.touchedFiles.length > 0) return ignored({ kind: "touched", files: entry.touchedFiles });
  if (entry.verification?.state === "damaged") return ignored({ kind: "damaged" });
  const { startedAt, backupId } = entry.manifest;
  if (Date.parse(startedAt) > now.getTime() && backupId !== justPublished)
    return ignored({ kind: "from-the-future" });
  return { kind: "candidate", candidate: entry };
}

function planHost(candidates: readonly GoodBackup[], options: RetentionOptions, plan: Draft): void {
  const { maxBackups: limit, justPublished } = options;
  const musts = new Map<GoodBackup, KeepReason>();
  const must = (entry: GoodBackup | undefined, reason: KeepReason): void => {
    if (entry !== undefined && !musts.has(entry)) musts.set(entry, reason);
  };
  must(
    candidates.find((entry) => entry.manifest.backupId === justPublished),
    { kind: "just-published" },
  );
  must(candidates[0], { kind: "newest" });
  must(
    candidates.find((entry) => entry.manifest.degradedBy.length === 0),
    { kind: "newest-whole" },
  );

  const { keep } = options;
  if (keep !== undefined) {
    const kept = keepByPeriods(candidates, keep);
    for (const entry of candidates) {
      const rules = kept.get(entry);
      const reason = rules === undefined ? musts.get(entry) : ({ kind: "by-rules", rules } as const);
      if (reason !== undefined) plan.keep.push({ entry, reason });
      else plan.remove.push({ entry, reason: { kind: "by-no-rule" } });
    }
    return;
  }
  let free = limit - musts.size;
  candidates.forEach((entry, index) => {
    const position = index + 1;
    const reason = musts.get(entry);
    if (reason !== undefined) plan.keep.push({ entry, reason });
    else if (free-- > 0) plan.keep.push({ entry, reason: { kind: "within-limit", position, limit } });
    else plan.remove.push({ entry, reason: { kind: "beyond-limit", position, limit } });
  });
}

function newestFirst(a: GoodBackup, b: GoodBackup): number {
  const later = Date.parse(b.manifest.startedAt) - Date.parse(a.manifest.startedAt);
  if (later !== 0) return later;
  return a.manifest.backupId < b.manifest.backupId ? 1 : -1;
}
