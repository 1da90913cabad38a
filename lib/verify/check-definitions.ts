// Whether the XML of a backup can be read, and speaks of the VM and the disks that the manifest speaks of. Pure.

import { parseDomain } from "../hypervisor/domain-xml.ts";
import { parseSnapshot } from "../hypervisor/snapshot-xml.ts";
import { XmlError } from "../hypervisor/xml-error.ts";
import type { Domain } from "../model/vm.ts";
import type { Damage } from "../model/verification.ts";
import type { Manifest } from "../store/manifest.ts";

/** The files of a backup that hold XML. */
export function definitionFiles(manifest: Manifest): readonly string[] {
  const { originalXml, patchedXml } = manifest.files;
  return [originalXml, patchedXml, ...manifest.snapshots.order].map(({ fileName }) => fileName);
}

/** What is wrong with the XML of a backup; `texts` by file name, of those that could be read. */
export function checkDefinitions(
  manifest: Manifest,
  { texts, folderName }: { readonly texts: ReadonlyMap<string, string>; readonly folderName: string },
): readonly Damage[] {
  const { originalXml, patchedXml } = manifest.files;
  const { vm, newName, newUuid, disks } = manifest;
  const wanted = new Map(
    disks.map(({ target, layers }) => [target, `/${folderName}/${layers[0]?.fileName ?? ""}`]),
  );
  return [
    ...read(originalXml.fileName, texts, (xml) => compareDomain(parseDomain(xml), manifest, vm)),
    ...read(patchedXml.fileName, texts, (xml) => {
      const domain = parseDomain(xml);
      return [
        ...compareDomain(domain, manifest, { name: newName, uuid: newUuid }),
        ...domain.disks.flatMap((disk) => {
          const ending = wanted.get(disk.target);
          if (ending === undefined || disk.kind === "skipped" || disk.path.endsWith(ending)) return [];
          return [`its ${disk.target} is ${disk.path}, not the image in this backup`];
        }),
      ];
    }),
    ...manifest.snapshots.order.flatMap(({ fileName, name, parent }) =>
      read(fileName, texts, (xml) => {
        const snapshot = parseSnapshot(xml);
        const isSame = snapshot.name === name && snapshot.parent === parent;
        return isSame ? [] : [`it is not snapshot ${JSON.stringify(name)} of the manifest`];
      }),
    ),
  ];
}

function read(
  fileName: string,
  texts: ReadonlyMap<string, string>,
  faults: (xml: string) => readonly string[],
): readonly Damage[] {
  const xml = texts.get(fileName);
  // Told already.
  if (xml === undefined) return [];
  try {
    return faults(xml).map((detail) => ({ kind: "contradiction", fileName, detail }));
  } catch (error) {
    if (error instanceof XmlError) return [{ kind: "malformed", fileName, detail: error.message }];
    throw error;
  }
}

function compareDomain(
  domain: Domain,
  { disks, skippedDisks }: Manifest,
  vm: { readonly name: string; readonly uuid: string },
): readonly string[] {
  const found = new Map(domain.disks.map((disk) => [disk.target, disk]));
  const known = new Set([...disks, ...skippedDisks].map(({ target }) => target));
  return [
    ...(domain.name === vm.name ? [] : [`its name is ${JSON.stringify(domain.name)}`]),
    ...(domain.uuid.toLowerCase() === vm.uuid.toLowerCase() ? [] : [`its UUID is ${domain.uuid}`]),
    ...disks
      .filter(({ target }) => found.get(target)?.kind !== "included")
      .map(({ target }) => `it has no disk ${target}`),
    ...[...found.keys()]
      .filter((target) => !known.has(target))
      .map((target) => `the manifest has no disk ${target}`),
  ];
}
