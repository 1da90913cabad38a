// The definitions of a VM that is restored, with its snapshots, from those in its backup. Pure.

import type { Detachment } from "../hypervisor/detach-domain.ts";
import { detachDomainXml, detachSnapshotXml } from "../hypervisor/detach-xml.ts";
import type { DomainChanges, LayerCopy } from "../hypervisor/domain-changes.ts";
import { patchDomainXml } from "../hypervisor/patch-domain-xml.ts";
import { patchSnapshotXml } from "../hypervisor/patch-snapshot-xml.ts";
import { BackupError } from "../model/failure.ts";
import type { BootFileRole } from "../model/plan.ts";
import type { RestoredSnapshot, RestoreNote } from "../model/restore.ts";
import type { StoredVm } from "./stored-vm.ts";

/** The definitions as they go to the host. */
export interface Definitions {
  readonly definition: string;
  readonly snapshots: readonly RestoredSnapshot[];
  readonly notes: readonly RestoreNote[];
}

/** What the VM is called, and where its files are. */
export interface Placement {
  readonly vm: { readonly name: string; readonly uuid: string };
  readonly imagePath: (layer: { readonly fileName: string; readonly sourcePath: string }) => string;
  /** The paths among them that are block devices. */
  readonly devices?: readonly string[];
  readonly bootPath: (role: BootFileRole, sourcePath: string) => string;
}

/** @throws BackupError `backup-unusable`; XmlError when a definition cannot be used. */
export function patchDefinitions(
  stored: StoredVm,
  placement: Placement,
  detachment: Detachment,
): Definitions {
  const own = patchDomainXml(stored.originalXml, changes(stored, placement, "sources"));
  const [uncopied] = own.unpatched;
  if (uncopied !== undefined) {
    const detail = `the definition names ${uncopied.path} for ${uncopied.target}, of which there is no copy`;
    throw new BackupError({ kind: "backup-unusable", path: stored.path, detail });
  }
  const named = changes(stored, placement, "copies");
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
  { vm, imagePath, bootPath, devices = [] }: Placement,
  from: "sources" | "copies",
): DomainChanges {
  const bootFiles = Object.fromEntries(
    manifest.bootFiles.map(({ role, sourcePath }) => [role, bootPath(role, sourcePath)]),
  );
  // One that has no variables yet gets its own, and not a file that some earlier VM of its name has left.
  if (domain.nvramPath !== undefined) bootFiles["nvram"] ??= bootPath("nvram", domain.nvramPath);
  return {
    ...vm,
    disks: manifest.disks.map(({ target, layers }) => {
      const copies = layers.map((layer): LayerCopy => ({
        oldPath: from === "sources" ? layer.sourcePath : `${namedFolder}/${layer.fileName}`,
        ...{ path: imagePath(layer), format: layer.format },
        isDevice: devices.includes(imagePath(layer)),
      }));
      return { target, layers: copies as [LayerCopy, ...LayerCopy[]] };
    }),
    bootFiles,
  };
}
