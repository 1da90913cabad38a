// Where each file of a backup lives:
//
//   <store>/<host>/<vm>/2026-11-23-012500/   a published backup
//   <store>/<host>/<vm>/latest               symbolic link to the newest
//   <store>/<host>/<vm>/.partial-<id>/       one that is being written: owner.json, and backup/ with its files
//   <store>/<host>/<vm>/.deleting-<folder>-<id>/   one that is being removed
//   <store>/<host>/<vm>/.verified-<folder>-<id>.json   what the last verification of a backup found
//   <store>/<host>/<vm>/.drilled-<folder>-<id>.json    what the last drill of a backup came to
//   <store>/<host>/<vm>/.reading-<folder>-<token>.json   who reads a backup now; .removing-… who removes it
//   <store>/.virtfold/lock/                  who backs up into this store now
//   <store>/.virtfold/runs/                  what earlier runs came to
//   <store>/.virtfold/drills/                what earlier drills came to, with what was kept of failed ones
//
// Pure: nothing here touches a disk.

import { encodeName } from "./encode-name.ts";

/** Files that every backup has under the same name. */
export const manifestName = "manifest.json";
export const checksumsName = "SHA256SUMS";
export const logName = "backup.log";
export const originalXmlName = "original.xml";

/**
 * Mode of the folders of hosts, VMs and published backups: others may pass but not look. A VM started from a backup runs
 * as QEMU's own user, to whom libvirt hands the image but not the way to it. Files are 0600.
 */
export const folderMode = 0o711;

/** The only folders inside a backup. */
export const innerFolders = ["snapshots", "nvram", "tpm", "boot"] as const;

/** The link beside the backups of one VM. */
export const latestName = "latest";

/** Inside a partial folder: who writes it, and the folder that becomes the backup. */
export const ownerName = "owner.json";
export const contentName = "backup";

/**
 * A path inside a backup: one to four plain components, `/` between them; none begins with `.`, none holds a
 * backslash or control character. The manifest's schema has the same pattern.
 */
export const filePathPattern = /^(?!\.)[^/\\\p{Cc}]{1,255}(?:\/(?!\.)[^/\\\p{Cc}]{1,255}){0,3}$/u;

/** The store's own folder beside those of the hosts, whose encoded names never begin with `.`; and what is in it. */
export const ownFolderName = ".virtfold";
export const lockName = "lock";
export const runsName = "runs";
export const drillsName = "drills";

/** What a name directly in a VM's folder stands for. */
export type FolderKind =
  | { readonly kind: "backup"; readonly folderName: string }
  | { readonly kind: "partial"; readonly backupId: string }
  | { readonly kind: "deleting"; readonly folderName: string; readonly backupId: string }
  | { readonly kind: "latest" }
  | { readonly kind: "other" };

/** The two folders, outermost first, that hold the backups of one VM. */
export function vmFolders(host: string, vm: string): readonly [string, string] {
  return [encodeName(host), encodeName(vm)];
}

/** The folder name of a backup that began at this moment, UTC: `2026-11-23-012500`. */
export function backupFolderName(startedAt: Date): string {
  const [day, time] = startedAt.toISOString().split("T") as [string, string];
  return `${day}-${time.slice(0, 8).replaceAll(":", "")}`;
}

/** Where a backup is written; no command takes that name for a backup. */
export function partialFolderName(backupId: string): string {
  return `.partial-${backupId}`;
}

/** Where a backup is while it is removed. */
export function deletingFolderName(folderName: string, backupId: string): string {
  return `.deleting-${folderName}-${backupId}`;
}

/** Where the result of a backup's last verification is, beside the backup. */
export function verifiedName(folderName: string, backupId: string): string {
  return `.verified-${folderName}-${backupId}.json`;
}

/** Where the result of a backup's last drill is, likewise. */
export function drilledName(folderName: string, backupId: string): string {
  return `.drilled-${folderName}-${backupId}.json`;
}

/** What somebody may do with a backup that others must know of. */
export const claimKinds = ["reading", "removing"] as const;
export type ClaimKind = (typeof claimKinds)[number];

/** Where it is said that somebody reads or removes a backup. */
export function claimName(kind: ClaimKind, folderName: string, token: string): string {
  return `.${kind}-${folderName}-${token}.json`;
}

/** What a name in a VM's folder claims; undefined when it is no claim. */
export function readClaimName(
  name: string,
): { readonly kind: ClaimKind; readonly folderName: string } | undefined {
  const [, kind, folderName] =
    /^\.(reading|removing)-(\d{4}-\d\d-\d\d-\d{6})-[0-9a-f]{16}\.json$/.exec(name) ?? [];
  return kind === undefined || folderName === undefined ? undefined : { kind: kind as ClaimKind, folderName };
}

/** Tells our names in a VM's folder from all others. */
export function readFolderName(name: string): FolderKind {
  if (name === latestName) return { kind: "latest" };
  if (folderPattern.test(name)) return { kind: "backup", folderName: name };
  const partial = /^\.partial-(.+)$/s.exec(name)?.[1];
  if (partial !== undefined && isBackupId(partial)) return { kind: "partial", backupId: partial };
  const deleting = /^\.deleting-(\d{4}-\d\d-\d\d-\d{6})-(.+)$/s.exec(name);
  if (deleting !== null && isBackupId(deleting[2] as string)) {
    return { kind: "deleting", folderName: deleting[1] as string, backupId: deleting[2] as string };
  }
  return { kind: "other" };
}

/** Whether this can stand in a file name as it is: 1 to 64 ASCII letters, digits and `-`. */
export function isBackupId(text: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(text);
}

const folderPattern = /^\d{4}-\d\d-\d\d-\d{6}$/;
