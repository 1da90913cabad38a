// What no schema of single values can say about a manifest. Pure.

import { checksumsName, logName, manifestName } from "./layout.ts";
import { foldCase } from "./name-files.ts";

interface NamedFile {
  readonly fileName: string;
}

/** The parts of a manifest that refer to each other or to files. */
export interface References {
  readonly disks: readonly { readonly target: string; readonly layers: readonly NamedFile[] }[];
  readonly bootFiles: readonly NamedFile[];
  readonly snapshots: {
    readonly current?: string | undefined;
    readonly order: readonly (NamedFile & { readonly name: string; readonly parent?: string | undefined })[];
  };
  readonly files: { readonly originalXml: NamedFile; readonly patchedXml: NamedFile };
}

/** Why the parts of a manifest cannot all be true; undefined when they can. */
export function findContradiction(manifest: References): string | undefined {
  const fileNames = [
    manifestName,
    checksumsName,
    logName,
    ...namedFiles(manifest).map((file) => file.fileName),
  ];
  if (hasDuplicates(fileNames.map(foldCase))) return "two files with one name";
  if (hasDuplicates(manifest.disks.map((disk) => disk.target))) return "two disks with one target";
  const { current, order } = manifest.snapshots;
  const known = new Set<string>();
  for (const snapshot of order) {
    if (known.has(snapshot.name)) return "two snapshots with one name";
    if (snapshot.parent !== undefined && !known.has(snapshot.parent)) return "a snapshot before its parent";
    known.add(snapshot.name);
  }
  return current === undefined || known.has(current) ? undefined : "the current snapshot is not listed";
}

/** Every file that a manifest names, in its order. */
export function namedFiles<M extends References>(
  manifest: M,
): readonly (
  | M["disks"][number]["layers"][number]
  | M["bootFiles"][number]
  | M["snapshots"]["order"][number]
  | M["files"]["originalXml"]
)[] {
  return [
    ...manifest.disks.flatMap((disk) => disk.layers),
    ...manifest.bootFiles,
    ...manifest.snapshots.order,
    manifest.files.originalXml,
    manifest.files.patchedXml,
  ];
}

function hasDuplicates(values: readonly string[]): boolean {
  return new Set(values).size !== values.length;
}
