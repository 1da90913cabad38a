// A valid manifest, and the same with one value replaced.

import type { BackupDraft } from "../../lib/store/draft.ts";
import { completeManifest } from "../../lib/store/draft.ts";
import { namedFiles } from "../../lib/store/find-contradiction.ts";
import type { Manifest } from "../../lib/store/manifest.ts";
import { formatManifest } from "../../lib/store/manifest.ts";
import { later, sampleDraft } from "./sample-backup.ts";

/** The manifest of a draft, as if all its files had been measured. */
export function sampleManifest(draft: BackupDraft = sampleDraft()): Manifest {
  const measured = { bytes: 4096, allocatedBytes: 1000, sha256: "a".repeat(64), modifiedAt: later() };
  const names = namedFiles(draft).map(({ fileName }) => fileName);
  return completeManifest(draft, new Map(names.map((fileName) => [fileName, measured])), later());
}

/** The text of a manifest with one value replaced; `place` is a path such as "disks.0.target". */
export function alteredManifest(place: string, value: unknown): string {
  const root = JSON.parse(formatManifest(sampleManifest())) as Record<string, unknown>;
  const keys = place.split(".");
  let parent = root;
  for (const key of keys.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[keys.at(-1)!] = value;
  return JSON.stringify(root);
}
