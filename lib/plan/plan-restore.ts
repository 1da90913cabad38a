// A backup + what its host says + what was asked for → what will be done. Pure: every name and path is chosen here.

import { detachDomainXml, detachSnapshotXml } from "../hypervisor/detach-xml.ts";
import type { DomainChanges, LayerCopy } from "../hypervisor/domain-changes.ts";
import { hostNeeds } from "../hypervisor/host-needs.ts";
import { patchDomainXml } from "../hypervisor/patch-domain-xml.ts";
import { patchSnapshotXml } from "../hypervisor/patch-snapshot-xml.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type {
  MacChoice,
  NetworkChoice,
  RestoredSnapshot,
  RestoreNote,
  RestorePlan,
} from "../model/restore.ts";
import { bootName } from "./boot-name.ts";
import { findMisfits } from "./find-misfits.ts";
import { detachmentFor } from "./plan-detachment.ts";
import { folderName, imageFolders, stagedPath } from "./restore-folder.ts";
import { restoreNotes } from "./restore-notes.ts";
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
  const folder = `${imageFolder === "/" ? "" : imageFolder}/${folderName(vm.name)}`;
  const files = restoredFiles(stored);
  const needs = hostNeeds(stored.originalXml);
  const neededBytes = roomFor(files);
  const wanted = { ...vm, stored, needs, network: options.network, imageFolder, folder, neededBytes };
  const misfits = findMisfits(wanted, facts);
  if (misfits.length > 0)
    throw new BackupError({ kind: "restore-misfit", host: host.name, vm: stored.manifest.vm.name, misfits });
  const definitions = patchDefinitions({ stored, facts, folder }, { vm, options, attempt });
  return {
    ...{ host, restoreId: attempt.restoreId, vm, files, neededBytes },
    from: { host: stored.manifest.host.name, vm: stored.manifest.vm.name, path: stored.path },
    folder: { path: folder, stagedPath: stagedPath(folder, attempt.restoreId) },
    definition: definitions.definition,
    snapshots: options.withSnapshots ? definitions.snapshots : [],
    notes: [...restoreNotes(stored, { needs, facts }), ...(options.withSnapshots ? definitions.notes : [])],
    freeBytes: facts.freeBytes ?? 0,
    leaseSeconds: options.leaseSeconds,
    starts: options.starts,
  };
}

interface Definitions {
  readonly definition: string;
  readonly snapshots: readonly RestoredSnapshot[];
  readonly notes: readonly RestoreNote[];
}

function patchDefinitions(
  {
    stored,
    facts,
    folder,
  }: { readonly stored: StoredVm; readonly facts: TargetFacts; readonly folder: string },
  choice: {
    readonly vm: { readonly name: string; readonly uuid: string };
    readonly options: RestoreOptions;
    readonly attempt: RestoreAttempt;
  },
): Definitions {
  const detachment = detachmentFor({ folder, facts }, { ...choice.options, ...choice.attempt });
  const own = patchDomainXml(stored.originalXml, changes(stored, { ...choice.vm, folder, from: "sources" }));
  const [uncopied] = own.unpatched;
  if (uncopied !== undefined) {
    const detail = `the definition names ${uncopied.path} for ${uncopied.target}, of which there is no copy`;
    throw new BackupError({ kind: "backup-unusable", path: stored.path, detail });
  }
  const named = changes(stored, { ...choice.vm, folder, from: "copies" });
  const patched = stored.snapshots.map(({ name, xml }) => ({ name, ...patchSnapshotXml(xml, named) }));
  return {
    definition: detachDomainXml(own.xml, detachment),
    snapshots: patched.map(({ name, xml }) => ({
      ...{ name, xml: detachSnapshotXml(xml, detachment) },
      isCurrent: name === stored.manifest.snapshots.current,
    })),
    notes: patched.flatMap(({ name, unpatched }) =>
      unpatched.map(({ path }): RestoreNote => ({ kind: "snapshot-incomplete", name, path })),
    ),
  };
}

/** The paths to be replaced are those of the original's images, or those of the copies as they were named. */
function changes(
  { manifest, namedFolder, domain }: StoredVm,
  { from, folder, ...vm }: { name: string; uuid: string; folder: string; from: "sources" | "copies" },
): DomainChanges {
  const bootFiles = Object.fromEntries(
    manifest.bootFiles.map(({ role }) => [role, `${folder}/${bootName(role)}`]),
  );
  // One that has no variables yet gets its own, and not a file that some earlier VM of its name has left.
  if (domain.nvramPath !== undefined) bootFiles["nvram"] ??= `${folder}/${bootName("nvram")}`;
  return {
    ...vm,
    disks: manifest.disks.map(({ target, layers }) => {
      const copies = layers.map(({ fileName, format, sourcePath }): LayerCopy => ({
        oldPath: from === "sources" ? sourcePath : `${namedFolder}/${fileName}`,
        path: `${folder}/${fileName}`,
        format,
      }));
      return { target, layers: copies as [LayerCopy, ...LayerCopy[]] };
    }),
    bootFiles,
  };
}
