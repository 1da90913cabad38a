// A backup + what its host says + what was asked for → what will be done. Pure: every name and path is chosen here.

import { hostNeeds } from "../hypervisor/host-needs.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { BootFileRole } from "../model/plan.ts";
import type { MacChoice, NetworkChoice, RestorePlan } from "../model/restore.ts";
import { bootName } from "./boot-name.ts";
import { patchDefinitions } from "./patch-definitions.ts";
import { findMisfits } from "./find-misfits.ts";
import { detachmentFor } from "./plan-detachment.ts";
import { folderName, imageFolders, stagedPath } from "./restore-folder.ts";
import { restoreNotes } from "./restore-notes.ts";
import { restoredTpm } from "./restored-tpm.ts";
import { restoredFiles, roomFor } from "./restored-files.ts";
import type { StoredVm } from "./stored-vm.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What was asked for. */
export interface RestoreOptions {
  /** `newName` of the manifest when not given. */
  readonly name: string | undefined;
  readonly imageFolder: string | undefined;
  readonly network: NetworkChoice;
  readonly mac: MacChoice;
  readonly withSnapshots: boolean;
  readonly starts: boolean;
  readonly leaseSeconds: number;
  /** What each file may take of the link; 0 for no limit. */
  readonly bytesPerSecond: number;
  readonly original?: OriginalOptions | undefined;
}

/** As what it was, with its own name, UUID, addresses and paths. */
export interface OriginalOptions {
  /** Also in the place of what is there. */
  readonly isForced: boolean;
  /** The block devices that may be written over, by the paths that they had. */
  readonly overwrites: readonly string[];
}

/** What makes one attempt different from another. `random` is 16 bytes or more. */
export interface RestoreAttempt {
  readonly restoreId: string;
  readonly uuid: string;
  readonly generationId: string;
  readonly random: Uint8Array;
}

/** The name that the VM gets. */
export function restoredName({ manifest }: StoredVm, { name }: Pick<RestoreOptions, "name">): string {
  return name ?? manifest.newName;
}

/**
 * Plans a restore as another VM beside the original.
 * @throws BackupError `restore-misfit`, `backup-unusable`; XmlError when the definition cannot be used.
 */
export function planRestore(
  { host, stored, facts }: { readonly host: Host; readonly stored: StoredVm; readonly facts: TargetFacts },
  options: RestoreOptions,
  attempt: RestoreAttempt,
): RestorePlan {
  const vm = { name: restoredName(stored, options), uuid: attempt.uuid };
  const imageFolder =
    imageFolders(stored, options.imageFolder).find((folder) => facts.paths.get(folder) === "folder") ??
    imageFolders(stored, options.imageFolder).at(-1) ??
    "";
  const path = `${imageFolder === "/" ? "" : imageFolder}/${folderName(vm.name)}`;
  const folder = { path, stagedPath: stagedPath(path, attempt.restoreId) };
  const tpm = restoredTpm(stored, { uri: host.uri, uuid: vm.uuid, restoreId: attempt.restoreId });
  const files = [...(tpm === undefined ? [] : [tpm.file]), ...restoredFiles(stored, folder)];
  const needs = hostNeeds(stored.originalXml);
  const neededBytes = roomFor(files);
  const wanted = { ...vm, stored, needs, network: options.network, imageFolder, folder: path, neededBytes };
  const misfits = findMisfits(wanted, facts);
  if (misfits.length > 0)
    throw new BackupError({ kind: "restore-misfit", host: host.name, vm: stored.manifest.vm.name, misfits });
  const detachment = detachmentFor({ folder: path, facts }, { ...options, ...attempt });
  const placement = {
    vm,
    imagePath: ({ fileName }: { readonly fileName: string }) => `${path}/${fileName}`,
    bootPath: (role: BootFileRole) => `${path}/${bootName(role)}`,
  };
  const definitions = patchDefinitions(stored, placement, detachment);
  return {
    ...{ host, restoreId: attempt.restoreId, vm, files, neededBytes },
    from: { host: stored.manifest.host.name, vm: stored.manifest.vm.name, path: stored.path },
    ...{ folder, original: undefined, tpmFolder: tpm?.folder },
    definition: definitions.definition,
    snapshots: options.withSnapshots ? definitions.snapshots : [],
    notes: [
      ...restoreNotes(stored, { needs, facts, hasTpmState: tpm !== undefined }),
      ...(stored.manifest.vm.startsWithHost === true ? [{ kind: "no-autostart" } as const] : []),
      ...(options.withSnapshots ? definitions.notes : []),
    ],
    freeBytes: facts.freeBytes ?? 0,
    leaseSeconds: options.leaseSeconds,
    bytesPerSecond: options.bytesPerSecond,
    starts: options.starts,
  };
}
