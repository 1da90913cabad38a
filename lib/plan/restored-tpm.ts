// The state of an emulated TPM and where it goes: libvirt looks for it by the VM's UUID, in no folder of the VM. Pure.

import { join } from "node:path";
import { tpmFolder, tpmPlace } from "../hypervisor/read-tpm.ts";
import type { RestoredFile, TpmFolder } from "../model/restore.ts";
import type { VmFacts } from "../model/vm.ts";
import { stagedPath } from "./restore-folder.ts";
import type { StoredVm } from "./stored-vm.ts";

/** The file, and the folder it comes in. */
export interface RestoredTpm {
  readonly folder: TpmFolder;
  readonly file: RestoredFile;
}

/** Undefined when the backup has no state, or the host no place for it. What the backup calls its path is never believed. */
export function restoredTpm(
  { path, manifest, domain }: StoredVm,
  { uri, uuid, restoreId }: { readonly uri: string; readonly uuid: string; readonly restoreId: string },
): RestoredTpm | undefined {
  const stored = manifest.bootFiles.find(({ role }) => role === "tpm");
  const place = tpmPlace(uri, uuid, domain.tpm);
  if (stored === undefined || place === undefined) return undefined;
  const { inner, fileName: hostName } = place;
  const folder = { path: place.folder, stagedPath: stagedPath(place.folder, restoreId), inner };
  const { fileName, bytes, sha256, access } = stored;
  return {
    folder,
    file: {
      ...{ target: "tpm", role: "tpm", localPath: join(path, fileName), hostName },
      path: `${folder.path}/${inner}/${hostName}`,
      stagedPath: `${folder.stagedPath}/${inner}/${hostName}`,
      ...{ bytes, allocatedBytes: bytes, sha256, access, format: undefined, backing: undefined },
      device: undefined,
    },
  };
}

/** The folder that libvirt deletes when it undefines this VM, whatever is in it; undefined when there is none. */
export function tpmFolderOf(
  { uuid, domain: { tpm } }: { readonly uuid: string; readonly domain: VmFacts["inactiveDomain"] },
  uri: string,
): string | undefined {
  return tpm?.backend === "emulator" ? tpmFolder(uri, uuid) : undefined;
}
