// A backup's folder, looked at as somebody without this tool would: sha256sum, stat, qemu-img.

import assert from "node:assert/strict";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runChecked } from "../../lab/run-checked.ts";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import { schemaTroubles } from "./json-schema.ts";

/** Asserts that nothing is missing, damaged, open to others or undeclared in the folder of a backup. */
export async function assertSoundFolder(backup: FoundBackup): Promise<void> {
  await assertChecksums(backup.folder);
  await assertPrivate(backup.folder);
  await assertManifest(backup);
  await assertImages(backup);
}

async function assertChecksums(folder: string): Promise<void> {
  const check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"] as const;
  await runChecked(check, { directory: folder, deadlineSeconds: 300 });
  const sums = await readFile(join(folder, "SHA256SUMS"), "utf8");
  const listed = sums
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(66));
  const files = (await filesIn(folder)).filter((name) => name !== "SHA256SUMS");
  assert.deepEqual(listed.toSorted(), files.toSorted(), "SHA256SUMS does not list every file");
}

/** Only the owner reads; others may pass, because QEMU's own user must reach an image that libvirt hands to it. */
async function assertPrivate(folder: string): Promise<void> {
  const names = ["../..", "..", "", ...(await readdir(folder, { recursive: true }))];
  for (const name of names) {
    const facts = await lstat(join(folder, name));
    assert.ok(facts.isFile() || facts.isDirectory(), `${name} is neither file nor folder`);
    assert.equal(
      (facts.mode & 0o7777).toString(8),
      facts.isFile() ? "600" : "711",
      `mode of ${name || folder}`,
    );
  }
}

const schemaFile = new URL("../../../schema/manifest.schema.json", import.meta.url);

async function assertManifest({ folder }: FoundBackup): Promise<void> {
  const schema: unknown = JSON.parse(await readFile(schemaFile, "utf8"));
  const manifest: unknown = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  assert.deepEqual(schemaTroubles(schema, manifest), []);
}

async function assertImages({ folder, manifest }: FoundBackup): Promise<void> {
  for (const { target, layers } of manifest.disks) {
    for (const { fileName, format } of layers) {
      if (format === "qcow2")
        await runChecked(["qemu-img", "check", "-q", "-f", format, join(folder, fileName)]);
    }
    const wanted = manifest.snapshots.order.filter(({ internalTargets }) => internalTargets.includes(target));
    const held = await snapshotsIn(join(folder, layers[0]!.fileName), layers[0]!.format);
    assert.deepEqual(held.toSorted(), wanted.map(({ name }) => name).toSorted(), `snapshots in ${target}`);
  }
}

async function snapshotsIn(path: string, format: string): Promise<readonly string[]> {
  const text = await runChecked(["qemu-img", "info", "--output=json", "-f", format, path]);
  const { snapshots = [] } = JSON.parse(text) as {
    readonly snapshots?: readonly { readonly name: string }[];
  };
  return snapshots.map(({ name }) => name);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  const facts = await Promise.all(names.map(async (name) => (await lstat(join(folder, name))).isFile()));
  return names.filter((_, index) => facts[index]);
}
