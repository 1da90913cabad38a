// The TPM of a domain, and where libvirt keeps the state of an emulated one.

import type { Tpm } from "../model/vm.ts";
import { attributeOf, childOf, childrenOf } from "./read-xml.ts";
import type { XmlElement } from "./xml-element.ts";

/** One whose state is a file, if there is one: a domain has more than one TPM only as a proxy of another (spapr). */
export function readTpm(domain: XmlElement): Tpm | undefined {
  const all = childrenOf(childOf(domain, "devices"), "tpm").map(readOne);
  return all.find(({ backend }) => backend === "emulator") ?? all[0];
}

function readOne(tpm: XmlElement): Tpm {
  const backend = childOf(tpm, "backend");
  const type = attributeOf(backend, "type");
  const version = attributeOf(backend, "version");
  return {
    backend: type === "emulator" || type === "passthrough" ? type : "other",
    version: version === "1.2" || version === "2.0" ? version : undefined,
    secret: attributeOf(childOf(backend, "encryption"), "secret"),
    hasOwnPlace: childOf(backend, "source") !== undefined && type === "emulator",
  };
}

/** A TPM's state as libvirt has swtpm keep it: the folder of the VM, and the file in it. */
export interface TpmPlace {
  readonly folder: string;
  /** The folder in that one, and the file in this. */
  readonly inner: string;
  readonly fileName: string;
}

/** libvirt's own choice for its system instance (swtpmStorageDir); no setting changes it, and no command tells it. */
const systemFolder = "/var/lib/libvirt/swtpm";

/**
 * Where the state of a VM's emulated TPM is; undefined where that cannot be told. swtpm replaces the file by a rename
 * whenever it changes, and keeps nothing else that outlives it.
 */
export function tpmPlace(uri: string, uuid: string, tpm: Tpm | undefined): TpmPlace | undefined {
  if (tpm?.backend !== "emulator" || tpm.hasOwnPlace || tpm.version === undefined) return undefined;
  if (!isSystem(uri)) return undefined;
  const folder = `${systemFolder}/${uuid.toLowerCase()}`;
  return tpm.version === "2.0"
    ? { folder, inner: "tpm2", fileName: "tpm2-00.permall" }
    : { folder, inner: "tpm1.2", fileName: "tpm-00.permall" };
}

/** The folder that libvirt deletes with the VM whatever is in it; undefined where it is not known. */
export function tpmFolder(uri: string, uuid: string): string | undefined {
  return isSystem(uri) ? `${systemFolder}/${uuid.toLowerCase()}` : undefined;
}

/** A session keeps it in the home of whoever started it. */
function isSystem(uri: string): boolean {
  return /^qemu:\/\/\/system(?:[?#]|$)/.test(uri);
}
