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
  const source = type === "emulator" ? childOf(backend, "source") : undefined;
  const folder = attributeOf(source, "type") === "dir" ? attributeOf(source, "path") : undefined;
  return {
    backend: type === "emulator" || type === "passthrough" ? type : "other",
    version: version === "1.2" || version === "2.0" ? version : undefined,
    secret: attributeOf(childOf(backend, "encryption"), "secret"),
    ownPlace: source && { folder },
  };
}

/** Where libvirt has swtpm keep the state of a TPM when the definition does not say: the folder of the VM, and the file in it. */
export interface TpmPlace {
  readonly folder: string;
  /** The folder in that one, and the file in this. */
  readonly inner: string;
  readonly fileName: string;
}

/** libvirt's own choice for its system instance (swtpmStorageDir); no setting changes it, and no command tells it. */
const systemFolder = "/var/lib/libvirt/swtpm";

const innerFolders = { "1.2": "tpm1.2", "2.0": "tpm2" } as const;
/** swtpm replaces it by a rename whenever it changes, and keeps nothing else that outlives it. */
const fileNames = { "1.2": "tpm-00.permall", "2.0": "tpm2-00.permall" } as const;

/** The file with the state of a VM's emulated TPM; undefined where that cannot be told, or where it is none of these. */
export function tpmStatePath(uri: string, uuid: string, tpm: Tpm | undefined): string | undefined {
  if (tpm?.backend !== "emulator" || tpm.version === undefined) return undefined;
  if (tpm.ownPlace !== undefined)
    return tpm.ownPlace.folder?.startsWith("/") === true
      ? `${tpm.ownPlace.folder}/${fileNames[tpm.version]}`
      : undefined;
  const place = tpmPlace(uri, uuid, tpm);
  return place && `${place.folder}/${place.inner}/${place.fileName}`;
}

/** Where the state of a VM's emulated TPM goes, whose definition does not say so. */
export function tpmPlace(uri: string, uuid: string, tpm: Tpm | undefined): TpmPlace | undefined {
  const folder = tpmFolder(uri, uuid);
  if (tpm?.backend !== "emulator" || tpm.version === undefined || folder === undefined) return undefined;
  return { folder, inner: innerFolders[tpm.version], fileName: fileNames[tpm.version] };
}

/** The folder that libvirt deletes with the VM whatever is in it; undefined where it is not known. */
export function tpmFolder(uri: string, uuid: string): string | undefined {
  return isSystem(uri) ? `${systemFolder}/${uuid.toLowerCase()}` : undefined;
}

/** A session keeps it in the home of whoever started it. */
function isSystem(uri: string): boolean {
  return /^qemu:\/\/\/system(?:[?#]|$)/.test(uri);
}
