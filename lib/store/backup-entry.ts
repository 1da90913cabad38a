// What a listing of the store finds. Types only.

import type { DrillRecord } from "./drill-record.ts";
import type { Manifest } from "./manifest.ts";
import type { VerifyRecord } from "./verify-record.ts";

/** Where something lies in the store. Names are decoded from the folders' names, or those where that cannot be. */
export interface EntryPlace {
  readonly host: string;
  readonly vm: string;
  /** Absolute. */
  readonly path: string;
}

/** A whole backup: its manifest is valid, agrees with its folder, and every file it names is there at its length. */
export interface GoodBackup extends EntryPlace {
  readonly kind: "good";
  readonly folderName: string;
  readonly manifest: Manifest;
  /** Space that the files named in the manifest take now. */
  readonly storedBytes: number;
  /** Files written after the backup was published, as by a VM that was started from them. Never to be deleted by us. */
  readonly touchedFiles: readonly string[];
  /** What the last verification found; undefined when there was none. */
  readonly verification?: VerifyRecord | undefined;
  /** What the last drill came to; undefined when there was none. */
  readonly drill?: DrillRecord | undefined;
}

/** A folder with a backup's name that is no good backup. */
export interface BrokenBackup extends EntryPlace {
  readonly kind: "broken";
  readonly folderName: string;
  readonly reason: BrokenReason;
}

/** A backup that is being written, or was when its writer died. */
export interface PartialEntry extends EntryPlace {
  readonly kind: "partial";
  readonly backupId: string;
}

/** A backup whose removal was begun. */
export interface DeletingEntry extends EntryPlace {
  readonly kind: "deleting";
  readonly folderName: string;
  readonly backupId: string;
}

/** Something that is not ours or cannot be read where backups should be; nothing of ours follows or touches it. */
export interface ForeignEntry extends EntryPlace {
  readonly kind: "foreign";
  readonly what: "symbolic-link" | "unreadable" | "unknown-name";
}

export type StoreEntry = GoodBackup | BrokenBackup | PartialEntry | DeletingEntry | ForeignEntry;

/** Why a folder with a backup's name is no good backup. */
export type BrokenReason =
  | { readonly kind: "manifest-missing" }
  | { readonly kind: "manifest-unreadable"; readonly detail: string }
  | { readonly kind: "manifest-invalid"; readonly detail: string }
  | { readonly kind: "manifest-newer"; readonly version: number }
  /** The manifest is that of another place: `part` of the path should be `expected`. */
  | { readonly kind: "misplaced"; readonly part: "host" | "vm" | "time"; readonly expected: string }
  | { readonly kind: "file-missing"; readonly fileName: string }
  | { readonly kind: "file-unreadable"; readonly fileName: string; readonly detail: string }
  /** A folder, link or device where a file should be, or a link on the way to it. */
  | { readonly kind: "file-not-regular"; readonly fileName: string }
  | {
      readonly kind: "file-length";
      readonly fileName: string;
      readonly bytes: number;
      readonly expectedBytes: number;
    };
