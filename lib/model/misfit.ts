// What of a host does not fit a VM that is to be restored there.

import type { DeviceMisfit } from "./device-misfit.ts";

/** Why a VM cannot be restored on a host as it was asked for. */
export type Misfit =
  | OriginalMisfit
  | { readonly kind: "name-taken"; readonly name: string }
  | { readonly kind: "uuid-taken"; readonly uuid: string; readonly name: string | undefined }
  | { readonly kind: "folder-taken"; readonly path: string }
  | { readonly kind: "no-image-folder"; readonly path: string }
  | {
      readonly kind: "no-space";
      readonly path: string;
      readonly freeBytes: number;
      readonly neededBytes: number;
    }
  /** libvirt says that it cannot run such a VM: emulator, architecture, machine type, accelerator. */
  | { readonly kind: "machine"; readonly machine: string; readonly detail: string }
  | { readonly kind: "cpu-model"; readonly model: string }
  /** There is no swtpm, without which libvirt refuses such a VM. */
  | { readonly kind: "no-tpm-emulator" }
  | { readonly kind: "firmware"; readonly path: string }
  | { readonly kind: "network"; readonly name: string }
  | { readonly kind: "bridge"; readonly name: string }
  /** Images are compressed with zstd, and the host's QEMU is too old to read that. */
  | { readonly kind: "compression"; readonly qemu: string };

/** A VM that has the name or the UUID of one that is to come back. */
export interface Namesake {
  readonly host: string;
  readonly name: string;
  readonly uuid: string;
  readonly isOff: boolean;
}

/** Why a VM cannot come back as what it was. */
export type OriginalMisfit =
  | DeviceMisfit
  | { readonly kind: "vm-there"; readonly namesake: Namesake; readonly isForced: boolean }
  /** One has its name, another one its UUID. */
  | { readonly kind: "two-vms"; readonly names: readonly string[] }
  | { readonly kind: "has-memory"; readonly name: string }
  | { readonly kind: "has-checkpoints"; readonly name: string }
  /** libvirt deletes the state of its TPM when it is undefined. */
  | { readonly kind: "has-tpm"; readonly name: string }
  /** A host of the inventory could not be asked whether the VM is there. */
  | { readonly kind: "host-not-asked"; readonly host: string; readonly detail: string }
  /** Something that is no image of the VM that makes room. */
  | { readonly kind: "path-taken"; readonly path: string }
  | { readonly kind: "path-shared"; readonly path: string; readonly vms: readonly string[] }
  /** It would be renamed, and these VMs may use it: what their disks are based on cannot be told. */
  | { readonly kind: "path-unsure"; readonly path: string; readonly vms: readonly string[] }
  | { readonly kind: "original-folder"; readonly path: string }
  | { readonly kind: "system-folder"; readonly path: string };
