// What was learned of the store → findings.

import type { FailureReason } from "../model/failure.ts";
import type { Judgement, StoreLeftover, StoreLock } from "../model/finding.ts";
import { judgeAt } from "./judge.ts";

/** A store that could be opened. */
export interface OpenedStore {
  readonly freeBytes: number;
  /** Good backups. */
  readonly backups: number;
  readonly lock: StoreLock | undefined;
  readonly leftovers: readonly { readonly path: string; readonly fate: StoreLeftover }[];
  /** Folders that should be backups and are not whole, and what is no backup at all. */
  readonly badEntries: readonly { readonly path: string; readonly isBackup: boolean }[];
}

/** The store as it was named, and what was found there. */
export interface StoreCheckup {
  readonly directory: string;
  readonly found: OpenedStore | FailureReason;
  /** What the images of all VMs that were looked at take on their hosts. */
  readonly neededBytes: number;
}

/** All findings of the store. */
export function judgeStore({ directory, found, neededBytes }: StoreCheckup): readonly Judgement[] {
  const judge = judgeAt({ kind: "store", store: directory });
  if ("kind" in found) return [judge("problem", { kind: "failed", reason: found })];
  const { freeBytes, backups, lock, leftovers, badEntries } = found;
  const isSmall = freeBytes < neededBytes;
  return [
    judge("ok", { kind: "store-open", freeBytes, backups }),
    ...(isSmall ? [judge("warning", { kind: "store-small", freeBytes, neededBytes })] : []),
    ...(lock === undefined ? [] : [judge(...judgedLock(lock))]),
    ...leftovers.map(({ path, fate }) => {
      const severity = fate === "dead" || fate === "in-use" ? "note" : "warning";
      return judge(severity, { kind: "store-leftover", path, fate }, severity === "warning");
    }),
    ...badEntries.map((entry) => judge("warning", { kind: "store-entry", ...entry })),
  ];
}

type Judged = readonly [
  "note" | "problem",
  { readonly kind: "store-lock"; readonly lock: StoreLock },
  boolean,
];

/** Only a lock of which nobody can tell whether its holder lives keeps all backups from starting until somebody looks. */
function judgedLock(lock: StoreLock): Judged {
  const isUnknown = lock.state === "unknown";
  return [isUnknown ? "problem" : "note", { kind: "store-lock", lock }, isUnknown];
}
