// Whether every file of a backup is what was written: each is read whole and held against SHA256SUMS and the manifest.

import type { Damage } from "../model/verification.ts";
import { namedFiles } from "../store/find-contradiction.ts";
import { checksumsName, logName, manifestName } from "../store/layout.ts";
import type { Manifest } from "../store/manifest.ts";
import { maximumChecksumsBytes, parseChecksums } from "../store/parse-checksums.ts";
import { readBounded } from "../store/read-bounded.ts";
import { readStoredFile } from "../store/read-stored-file.ts";

/** What reading showed. */
export interface ContentCheck {
  readonly damages: readonly Damage[];
  /** Files whose content is what was written. */
  readonly sound: ReadonlySet<string>;
  readonly bytes: number;
}

export interface ContentOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes of all files read so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Reads every file that the manifest or SHA256SUMS names. Without a manifest that can be read, SHA256SUMS alone counts.
 * @throws BackupError `interrupted`.
 */
export async function checkContents(
  folder: string,
  manifest: Manifest | undefined,
  { signal, onBytes }: ContentOptions,
): Promise<ContentCheck> {
  const { sums, damages } = await readSums(folder);
  const written = new Map(
    manifest === undefined ? [] : namedFiles(manifest).map((file) => [file.fileName, file]),
  );
  const found: Damage[] = [...damages];
  if (sums !== undefined && manifest !== undefined) found.push(...compareNames(sums, written));
  const sound = new Set<string>();
  let bytes = 0;
  for (const fileName of new Set([manifestName, ...written.keys(), ...(sums?.keys() ?? [])])) {
    const before = bytes;
    const onFileBytes = (count: number): void => onBytes(before + count);
    const file = await readStoredFile(folder, fileName, { signal, onBytes: onFileBytes });
    const wanted = { manifest: written.get(fileName), sum: sums?.get(fileName) };
    const faults = file.kind === "read" ? judge(fileName, file, wanted) : [file.damage];
    if (file.kind === "read") bytes += file.bytes;
    if (!faults.some((fault) => fault.fileName === fileName)) sound.add(fileName);
    found.push(...faults);
  }
  return { damages: found, sound, bytes };
}

async function readSums(
  folder: string,
): Promise<{ readonly sums: ReadonlyMap<string, string> | undefined; readonly damages: readonly Damage[] }> {
  const bad = (kind: Damage["kind"], detail: string): Awaited<ReturnType<typeof readSums>> => ({
    sums: undefined,
    damages: [{ kind, fileName: checksumsName, detail }],
  });
  const file = await readBounded(`${folder}/${checksumsName}`, maximumChecksumsBytes);
  if (file.kind === "missing") return bad("missing", "not there");
  if (file.kind === "unreadable") return bad("unreadable", file.detail);
  const reading = parseChecksums(file.text);
  if (reading.kind === "malformed")
    return bad("malformed", `line ${reading.line} is none that sha256sum writes`);
  return { sums: reading.sums, damages: [] };
}

/** Both were written together, from the same files. */
function compareNames(
  sums: ReadonlyMap<string, string>,
  written: ReadonlyMap<string, unknown>,
): readonly Damage[] {
  const needed = [manifestName, ...written.keys()];
  const known = new Set([...needed, logName]);
  const missing = needed.filter((fileName) => !sums.has(fileName)).map((name) => `it does not list ${name}`);
  const stray = [...sums.keys()]
    .filter((name) => !known.has(name))
    .map((name) => `it lists ${name}, which the manifest does not`);
  return [...missing, ...stray].map((detail) => ({ kind: "contradiction", fileName: checksumsName, detail }));
}

interface Wanted {
  readonly manifest: { readonly bytes: number; readonly sha256: string } | undefined;
  readonly sum: string | undefined;
}

/** Of three that should say the same, the one that stands alone is wrong; of two that differ, nobody knows which. */
function judge(
  fileName: string,
  file: { readonly bytes: number; readonly sha256: string },
  { manifest, sum }: Wanted,
): readonly Damage[] {
  const changed = (detail: string): Damage => ({ kind: "checksum", fileName, detail });
  const contradicts = (name: string, detail: string): Damage => ({
    kind: "contradiction",
    fileName: name,
    detail,
  });
  const isAsManifest =
    manifest === undefined || (manifest.sha256 === file.sha256 && manifest.bytes === file.bytes);
  const isAsSum = sum === undefined || sum === file.sha256;
  if (isAsManifest && isAsSum) return [];
  if (manifest === undefined)
    return [
      changed("its SHA-256 is not the one in SHA256SUMS"),
      contradicts(
        checksumsName,
        `its SHA-256 of ${fileName} is not that of the file: one of the two is damaged`,
      ),
    ];
  if (isAsManifest)
    return [
      contradicts(checksumsName, `its SHA-256 of ${fileName} is not that of the file and the manifest`),
    ];
  if (sum !== undefined && isAsSum)
    return [contradicts(manifestName, `what it says of ${fileName} is not so: length or SHA-256`)];
  if (manifest.bytes !== file.bytes)
    return [{ kind: "length", fileName, detail: `${file.bytes} bytes instead of ${manifest.bytes}` }];
  return [changed("its SHA-256 is not the one it was written with")];
}
