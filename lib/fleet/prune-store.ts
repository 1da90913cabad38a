// Applies a retention policy to what is in the store.

import path from "node:path";
import { BackupError } from "../model/failure.ts";
import type { Pruned } from "../model/pruning.ts";
import type { KeepRules } from "../model/retention.ts";
import { planRetention, type RetentionPlan } from "../plan/plan-retention.ts";
import { ignoreWords, keepWords, removeWords } from "../plan/retention-words.ts";
import type { GoodBackup, StoreEntry } from "../store/backup-entry.ts";
import type { Store } from "../store/store.ts";

/** How many backups of one VM to keep. */
export interface Policy {
  readonly maxBackups: number;
  readonly keep: KeepRules | undefined;
}

export interface PruneOptions {
  /** Undefined where nobody said it: then all is kept. */
  readonly policyFor: (host: string, vm: string) => Policy | undefined;
  readonly now: Date;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  readonly onPruned: (pruned: Pruned) => void;
}

/**
 * Decides on every entry and removes what is to go, one after the other; one that cannot be removed does not keep the
 * others. `entries` are all that the store has of the VMs in them. Only for the run that holds the store, but for a dry run.
 */
export async function pruneStore(
  store: Store,
  entries: readonly StoreEntry[],
  options: PruneOptions,
): Promise<void> {
  for (const ofVm of groupsOf(entries)) {
    if (options.signal.aborted) return;
    await pruneVm(store, ofVm, options);
  }
}

/** Those of one host and VM name, in their order. */
function groupsOf(entries: readonly StoreEntry[]): readonly (readonly StoreEntry[])[] {
  const groups = new Map<string, StoreEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.host, entry.vm]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

type Tell = (
  entry: StoreEntry,
  said: { readonly fate: Pruned["fate"]; readonly why: string; readonly reason?: Pruned["reason"] },
) => void;

async function pruneVm(store: Store, entries: readonly StoreEntry[], options: PruneOptions): Promise<void> {
  const [first] = entries;
  const policy = first && options.policyFor(first.host, first.vm);
  const tell: Tell = (entry, { fate, why, reason }) => {
    const when = "folderName" in entry ? entry.folderName : path.basename(entry.path);
    const storedBytes = entry.kind === "good" ? entry.storedBytes : 0;
    const { host, vm } = entry;
    options.onPruned({ host, vm, path: entry.path, when, fate, why, reason, storedBytes });
  };
  if (policy === undefined) {
    for (const entry of entries) tell(entry, { fate: "ignored", why: "nothing says how many to keep" });
    return;
  }
  const fates = new Map<StoreEntry, () => Promise<void>>();
  const at = (entry: StoreEntry, act: () => Promise<void>): void => void fates.set(entry, act);
  for (const plan of plansOf(entries, policy, options.now)) {
    for (const { entry, reason } of plan.keep)
      at(entry, async () => tell(entry, { fate: "kept", why: keepWords(reason) }));
    for (const { entry, reason } of plan.remove)
      at(entry, () => remove(store, entry, { why: removeWords(reason), tell, isDryRun: options.isDryRun }));
    for (const { entry, reason } of plan.ignored)
      if (reason.kind !== "other-vm")
        at(entry, async () => tell(entry, { fate: "ignored", why: ignoreWords(reason) }));
  }
  for (const act of fates.values()) {
    if (options.signal.aborted) return;
    await act();
  }
}

/** One for each VM that ever had this name: none pushes out another's. */
function plansOf(entries: readonly StoreEntry[], policy: Policy, now: Date): readonly RetentionPlan[] {
  const uuids = new Set(
    entries.flatMap((entry) => (entry.kind === "good" ? [entry.manifest.vm.uuid.toLowerCase()] : [])),
  );
  // With none, all that is there is no matter of retention.
  const all = uuids.size === 0 ? [""] : [...uuids];
  return all.map((vmUuid) => planRetention(entries, { ...policy, vmUuid, now }));
}

async function remove(
  store: Store,
  entry: GoodBackup,
  {
    why,
    tell,
    isDryRun,
  }: {
    readonly why: string;
    readonly tell: Tell;
    readonly isDryRun: boolean;
  },
): Promise<void> {
  if (isDryRun) {
    tell(entry, { fate: "would-remove", why });
    return;
  }
  try {
    await store.removeBackup(entry);
    tell(entry, { fate: "removed", why });
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    tell(entry, {
      fate: error.reason.kind === "backup-claimed" ? "in-use" : "failed",
      why,
      reason: error.reason,
    });
  }
}
