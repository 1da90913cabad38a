// What keeps a VM from coming back as what it was. Pure.

import { dirname } from "node:path/posix";
import { tpmFolder } from "../hypervisor/read-tpm.ts";
import type { Host } from "../model/host.ts";
import type { Misfit } from "../model/misfit.ts";
import type { RestoredFile } from "../model/restore.ts";
import type { Domain, VmFacts } from "../model/vm.ts";
import { findDeviceMisfits, isOnDevices } from "./find-device-misfits.ts";
import type { OriginalFacts } from "./original-facts.ts";
import { isPlainPath } from "./restore-folder.ts";
import { isSystemPath } from "./system-path.ts";
import { tpmFolderOf } from "./restored-tpm.ts";
import { roomFor } from "./restored-files.ts";
import type { StoredVm } from "./stored-vm.ts";

export interface WantedOriginal {
  readonly host: Pick<Host, "name" | "uri">;
  readonly vm: { readonly name: string; readonly uuid: string };
  readonly stored: StoredVm;
  readonly files: readonly RestoredFile[];
  /** What is in the way, or would be taken for the VM's own. */
  readonly inTheWay: readonly string[];
  readonly replaced: VmFacts | undefined;
  readonly isForced: boolean;
  /** Block devices that may be written over. */
  readonly overwrites: readonly string[];
}

/** All of them at once, but for what any VM needs of its host. */
export function findOriginalMisfits(wanted: WantedOriginal, facts: OriginalFacts): readonly Misfit[] {
  return [
    ...namesakes(wanted, facts),
    ...unfitReplaced(wanted),
    ...wanted.inTheWay.flatMap((path) => whyInTheWay(path, wanted, facts)),
    ...unfitPlaces(wanted, facts),
    ...findDeviceMisfits({ ...wanted, named: wanted.overwrites }, facts.here, facts.devices),
    ...missingRoom(wanted, facts),
  ];
}

function namesakes(
  { host: { name: host }, vm, isForced }: WantedOriginal,
  facts: OriginalFacts,
): readonly Misfit[] {
  const { here, elsewhere, unasked } = facts;
  const own = here.vms.filter(({ name, uuid }) => name === vm.name || uuid === vm.uuid);
  // One that is on a device to be written over cannot make room, however it is asked for: that is said of the device.
  const cannotGiveWay = (uuid: string): boolean => isOnDevices(uuid, here, facts.devices);
  const unreadable = here.unreadable.filter(({ name, uuid }) => name === vm.name || uuid === vm.uuid);
  const found = [
    ...own
      .filter(({ uuid, state }) => state !== "shut-off" || !cannotGiveWay(uuid))
      .map(({ name, uuid, state }) => ({ host, name, uuid, isOff: state === "shut-off" })),
    ...unreadable.map(({ name, uuid }) => ({ host, name: name ?? uuid, uuid, isOff: false })),
    ...elsewhere,
  ];
  return [
    ...found
      .filter(({ isOff }) => !isOff || !isForced)
      .map((namesake): Misfit => ({ kind: "vm-there", namesake, isForced })),
    ...(own.length > 1 ? [{ kind: "two-vms", names: own.map(({ name }) => name) } as const] : []),
    ...(isForced ? [] : unasked.map((host): Misfit => ({ kind: "host-not-asked", ...host }))),
  ];
}

function unfitReplaced({ host, replaced, isForced }: WantedOriginal): readonly Misfit[] {
  if (replaced === undefined || !isForced) return [];
  const { name, hasManagedSave, checkpoints, inactiveDomain } = replaced;
  return [
    ...(hasManagedSave ? [{ kind: "has-memory", name } as const] : []),
    ...(hasHiddenTpm(inactiveDomain, replaced.uuid, host.uri) ? [{ kind: "has-tpm", name } as const] : []),
    ...(checkpoints.length > 0 ? [{ kind: "has-checkpoints", name } as const] : []),
  ];
}

/** One whose state libvirt deletes with the VM from who knows where. */
function hasHiddenTpm({ tpm }: Domain, uuid: string, uri: string): boolean {
  return tpm?.backend === "emulator" && (tpm.ownPlace !== undefined || tpmFolder(uri, uuid) === undefined);
}

/** Only what belongs to the VM that makes room, and to no other, is ever moved. */
function whyInTheWay(
  path: string,
  { replaced, host }: Pick<WantedOriginal, "replaced" | "host">,
  { files, here }: OriginalFacts,
): readonly Misfit[] {
  const file = files.get(path);
  if (file === undefined || file.kind === "missing") return [];
  const variables = here.vms.filter(({ inactiveDomain }) => inactiveDomain.nvramPath === path);
  const states = here.vms.filter(
    ({ uuid, inactiveDomain }) => tpmFolderOf({ uuid, domain: inactiveDomain }, host.uri) === path,
  );
  if (file.kind === "folder" && states.some(({ uuid }) => uuid === replaced?.uuid)) return [];
  const users = [...(here.imageUsers.get(file.identity ?? "") ?? []), ...variables];
  const others = users.filter(({ uuid }) => uuid !== replaced?.uuid).map(({ name }) => name);
  if (others.length > 0) return [{ kind: "path-shared", path, vms: [...new Set(others)] }];
  if (file.kind !== "file" || users.length === 0) return [{ kind: "path-taken", path }];
  const vms = possibleUsers(here, replaced);
  return vms.length === 0 ? [] : [{ kind: "path-unsure", path, vms }];
}

/** Other VMs of which it is not known on what all their disks stand: an image renamed under one would be its end. */
function possibleUsers(
  { vms, unreadable }: OriginalFacts["here"],
  replaced: VmFacts | undefined,
): readonly string[] {
  const unknown = vms.filter(
    ({ chainTroubles, inactiveDomain }) =>
      chainTroubles.size > 0 ||
      inactiveDomain.disks.some((disk) => disk.kind === "skipped" && disk.reason === "volume-source"),
  );
  return [...unknown, ...unreadable]
    .filter(({ uuid }) => uuid !== replaced?.uuid)
    .map(({ name, uuid }) => name ?? uuid);
}

const devices = /^\/dev\//;

/** The store says where the files go, and anybody may have written there. */
function unfitPlaces({ stored, files: all }: WantedOriginal, { folders }: OriginalFacts): readonly Misfit[] {
  // The folder for the state of a TPM is made where it is missing, and named by nothing in the store.
  const files = all.filter(({ role, device }) => role !== "tpm" && device === undefined);
  const below = stored.manifest.disks.flatMap(({ layers }) => layers.slice(1)).map((one) => one.sourcePath);
  const bases = files.filter(({ path }) => below.includes(path) && isPlainPath(path) && devices.test(path));
  const odd = all
    .filter(
      ({ role, path, device }) =>
        role !== "tpm" && (!isPlainPath(path) || (device === undefined && isSystemPath(path))),
    )
    .filter((file) => !bases.includes(file));
  const missing = files.filter((file) => !bases.includes(file)).map(({ path }) => dirname(path));
  return [
    ...bases.map(({ target, path }): Misfit => ({ kind: "base-device", target, path })),
    ...odd.map(({ path }): Misfit => ({ kind: "system-folder", path })),
    ...[...new Set(missing)]
      .filter((path) => !folders.has(path))
      .map((path): Misfit => ({ kind: "original-folder", path })),
  ];
}

function missingRoom({ files: all }: WantedOriginal, { folders }: OriginalFacts): readonly Misfit[] {
  const files = all.filter(({ device }) => device === undefined);
  const mountOf = ({ path }: RestoredFile): string | undefined => folders.get(dirname(path))?.mount;
  return [...new Set(files.map(mountOf))].flatMap((mount) => {
    const group = files.filter((file) => mountOf(file) === mount);
    const folder = folders.get(dirname(group[0]?.path ?? ""));
    if (mount === undefined || folder === undefined) return [];
    const neededBytes = roomFor(group);
    const { freeBytes } = folder;
    return freeBytes < neededBytes
      ? [{ kind: "no-space", path: mount, freeBytes, neededBytes } as const]
      : [];
  });
}
