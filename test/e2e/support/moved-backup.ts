// A backup's folder somewhere else: whatever in it leads back to its old place, or to the host's images, shows.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path/posix";
import type { LabHost } from "../../lab/lab-host.ts";
import { runChecked } from "../../lab/run-checked.ts";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";

/** Copies a backup's folder to a place that the host sees, does the work with the path there, and removes the copy. */
export async function withMovedBackup<T>(
  host: LabHost,
  { folder }: FoundBackup,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = `/srv/moved-${randomUUID()}`;
  try {
    await mkdir(dirname(host.path(path)), { recursive: true });
    await runChecked(["cp", "--archive", "--sparse=always", folder, host.path(path)]);
    return await work(path);
  } finally {
    await rm(host.path(path), { recursive: true, force: true });
  }
}

interface ImageInfo {
  readonly filename: string;
  readonly format: string;
  readonly "virtual-size": number;
  readonly "backing-filename"?: string;
  readonly "backing-filename-format"?: string;
  readonly "format-specific"?: { readonly data: Readonly<Record<string, unknown>> };
}

/**
 * Asserts that every disk stands on its own in this folder: all layers are in it, each names the one below by file name
 * alone and with its format, and none keeps its data elsewhere.
 */
export async function assertSelfContained(
  host: LabHost,
  path: string,
  { manifest }: FoundBackup,
): Promise<void> {
  for (const { layers, virtualBytes, target } of manifest.disks) {
    const [top] = layers;
    assert.ok(top);
    const flags = ["--output=json", "--backing-chain", "-f", top.format] as const;
    const text = await host.check(["qemu-img", "info", ...flags, join(path, top.fileName)]);
    const chain = JSON.parse(text) as readonly ImageInfo[];
    const expected = layers.map(({ fileName, format }, depth) => ({
      image: join(path, fileName),
      format,
      below: layers[depth + 1]?.fileName,
      formatBelow: layers[depth + 1]?.format,
    }));
    assert.deepEqual(chain.map(describe), expected, `the chain of ${target} in ${path}`);
    assert.equal(chain[0]?.["virtual-size"], virtualBytes);
    assert.ok(chain.every((image) => image["format-specific"]?.data["data-file"] === undefined));
  }
}

function describe(image: ImageInfo): unknown {
  return {
    image: image.filename,
    format: image.format,
    below: image["backing-filename"],
    formatBelow: image["backing-filename-format"],
  };
}
