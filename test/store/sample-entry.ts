// Entries of a listing for tests of pure code; nothing is on a disk.

import type { GoodBackup } from "../../lib/store/backup-entry.ts";
import { backupFolderName } from "../../lib/store/layout.ts";
import { sampleDraft } from "./sample-backup.ts";
import type { SampleOptions } from "./sample-backup.ts";
import { sampleManifest } from "./sample-manifest.ts";

/** A good backup as a listing shows it. */
export function sampleEntry(
  options: SampleOptions & {
    readonly touchedFiles?: readonly string[];
    readonly verification?: GoodBackup["verification"];
    readonly drill?: GoodBackup["drill"];
  } = {},
): GoodBackup {
  const draft = sampleDraft(options);
  const folderName = backupFolderName(new Date(draft.startedAt));
  return {
    kind: "good",
    host: draft.host.name,
    vm: draft.vm.name,
    path: `/store/${draft.host.name}/${draft.vm.name}/${folderName}`,
    folderName,
    manifest: sampleManifest(draft),
    storedBytes: 3000,
    touchedFiles: options.touchedFiles ?? [],
    verification: options.verification,
    drill: options.drill,
  };
}
