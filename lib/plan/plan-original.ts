// A backup + what hosts say + what was asked for → the VM as it was, in the place that it had. Pure.

import { dirname } from "node:path/posix";
import { hostNeeds } from "../hypervisor/host-needs.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { ReplacedVm, RestoreNote, RestorePlan } from "../model/restore.ts";
import type { Domain, VmFacts } from "../model/vm.ts";
import { unfitHost } from "./find-misfits.ts";
import { findOriginalMisfits } from "./find-original-misfits.ts";
import { besides, originalFiles } from "./original-files.ts";
import type { OriginalFacts } from "./original-facts.ts";
import { patchDefinitions } from "./patch-definitions.ts";
import { originalDetachment } from "./original-detachment.ts";
import type { RestoreAttempt, RestoreOptions } from "./plan-restore.ts";
import { folderName, usualImageFolder } from "./restore-folder.ts";
import { originalNotes } from "./restore-notes.ts";
import { restoredTpm, tpmFolderOf } from "./restored-tpm.ts";
import { roomFor } from "./restored-files.ts";
import type { StoredVm } from "./stored-vm.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What is known before. */
export interface OriginalInput {
  readonly host: Host;
  readonly stored: StoredVm;
  readonly facts: TargetFacts;
  readonly around: OriginalFacts;
}

/**
 * Plans a restore as the original.
 * @throws BackupError `restore-misfit`, `backup-unusable`; XmlError when the definition cannot be used.
 */
export function planOriginal(
  { host, stored, facts, around }: OriginalInput,
  options: RestoreOptions,
  { restoreId, generationId }: Pick<RestoreAttempt, "restoreId" | "generationId">,
): RestorePlan {
  const { manifest, domain } = stored;
  const vm = { name: manifest.vm.name, uuid: manifest.vm.uuid.toLowerCase() };
  const { isForced, overwrites } = options.original ?? { isForced: false, overwrites: [] };
  const replaced = around.here.vms.find(({ name, uuid }) => uuid === vm.uuid || name === vm.name);
  const { files: own, notes } = originalFiles(stored, around, restoreId);
  const tpm = restoredTpm(stored, { uri: host.uri, uuid: vm.uuid, restoreId });
  const files = [...(tpm === undefined ? [] : [tpm.file]), ...own];
  const places = ownPlaces({ uuid: vm.uuid, domain }, replaced, host.uri);
  // A device is written onto as it lies there: it is never in the way, and never renamed.
  const paths = own.filter(({ device }) => device === undefined).map(({ path }) => path);
  const inTheWay = [...new Set([...paths, ...places])];
  const needs = hostNeeds(stored.originalXml);
  const wanted = { host, vm, stored, files, inTheWay, replaced, isForced, overwrites };
  const { network } = options;
  const misfits = [...findOriginalMisfits(wanted, around), ...unfitHost({ stored, needs, network }, facts)];
  if (misfits.length > 0)
    throw new BackupError({ kind: "restore-misfit", host: host.name, vm: vm.name, misfits });
  const isSameHost = manifest.host.name === host.name;
  const placement = {
    vm,
    imagePath: ({ sourcePath }: { readonly sourcePath: string }) => sourcePath,
    devices: own.flatMap(({ device, path }) => (device === undefined ? [] : [path])),
    bootPath: (_role: unknown, sourcePath: string) => sourcePath,
  };
  const detachment = originalDetachment(facts, { network, generationId, isSameHost });
  const definitions = patchDefinitions(stored, placement, detachment);
  const folder = originalFolder(stored);
  const pushed = files.filter(({ device }) => device === undefined);
  return {
    ...{ host, restoreId, vm, files, neededBytes: pushed.length === 0 ? 0 : roomFor(pushed) },
    from: { host: manifest.host.name, vm: manifest.vm.name, path: stored.path },
    folder: { path: folder, stagedPath: folder },
    tpmFolder: tpm?.folder,
    original: {
      startsWithHost: manifest.vm.startsWithHost === true,
      replaced: replaced && makeRoom(replaced, { folder, restoreId, inTheWay: isThere(inTheWay, around) }),
    },
    definition: definitions.definition,
    snapshots: options.withSnapshots ? definitions.snapshots : [],
    notes: [
      ...notes,
      ...notesOfOthers(replaced, around),
      ...originalNotes(stored, { needs, facts, isSameHost, hasTpmState: tpm !== undefined }),
      ...(options.withSnapshots ? definitions.notes : []),
    ],
    freeBytes: around.folders.get(folder)?.freeBytes ?? 0,
    leaseSeconds: options.leaseSeconds,
    bytesPerSecond: options.bytesPerSecond,
    starts: options.starts,
  };
}

/** The one with its first image that is a file: where the definitions of a VM that makes room are kept. */
export function originalFolder({ manifest }: Pick<StoredVm, "manifest">): string {
  const file = manifest.disks.find(({ source }) => source.kind === "file");
  return file === undefined ? usualImageFolder : dirname(file.source.path);
}

/** Where libvirt would look for what the VM had, and what it would delete with the one that makes room. */
function ownPlaces(
  vm: { readonly uuid: string; readonly domain: Domain },
  replaced: VmFacts | undefined,
  uri: string,
): readonly string[] {
  const old = replaced && { uuid: replaced.uuid, domain: replaced.inactiveDomain };
  return [vm, old].flatMap((one) =>
    one === undefined
      ? []
      : [one.domain.nvramPath, tpmFolderOf(one, uri)].filter((path) => path !== undefined),
  );
}

function isThere(paths: readonly string[], { files }: OriginalFacts): readonly string[] {
  return paths.filter((path) => (files.get(path)?.kind ?? "missing") !== "missing");
}

function makeRoom(
  vm: VmFacts,
  {
    folder,
    restoreId,
    inTheWay,
  }: { readonly folder: string; readonly restoreId: string; readonly inTheWay: readonly string[] },
): ReplacedVm {
  return {
    ...{ name: vm.name, uuid: vm.uuid, definition: vm.inactiveXml, startsWithHost: vm.startsWithHost },
    snapshots: vm.snapshots.map(({ name, xml }) => ({ name, xml, isCurrent: name === vm.currentSnapshot })),
    folder: besides(`${folder === "/" ? "" : folder}/${folderName(vm.name)}`, restoreId, "replaced"),
    files: inTheWay.map((path) => ({ path, keptPath: besides(path, restoreId, "replaced") })),
  };
}

function notesOfOthers(
  replaced: VmFacts | undefined,
  { elsewhere, unasked }: OriginalFacts,
): readonly RestoreNote[] {
  return [
    ...(replaced ? [{ kind: "vm-replaced", name: replaced.name, uuid: replaced.uuid } as const] : []),
    ...elsewhere.map(({ host, name, uuid }): RestoreNote => ({ kind: "namesake", host, name, uuid })),
    ...unasked.map((host): RestoreNote => ({ kind: "host-not-asked", ...host })),
  ];
}
