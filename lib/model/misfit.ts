// What of a host does not fit a VM that is to be restored there.

/** Why a VM cannot be restored on a host as it was asked for. */
export type Misfit =
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
  | { readonly kind: "firmware"; readonly path: string }
  | { readonly kind: "network"; readonly name: string }
  | { readonly kind: "bridge"; readonly name: string }
  /** Images are compressed with zstd, and the host's QEMU is too old to read that. */
  | { readonly kind: "compression"; readonly qemu: string };
