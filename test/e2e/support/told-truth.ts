// What a run says on standard error and in backup.log about one VM, against what it made.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import type { RunEnd } from "./virtfold-process.ts";

/**
 * Asserts that the log of a good run has, in order, a line for every disk, for the snapshot or its absence, for every
 * file copied, for merging, for the definition and for the end; the words are those of vm_backup.sh.
 */
export function assertSaysTheTruth({ stderr }: RunEnd, { folder, manifest }: FoundBackup): void {
  const prefix = `${manifest.host.name}/${manifest.vm.name}: `;
  const lines = stderr.split("\n").flatMap((line) => {
    const [, text] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?:[A-Z]+: )?(.*)$/.exec(line) ?? [];
    return text?.startsWith(prefix) === true ? [text.slice(prefix.length)] : [];
  });
  assertInOrder(lines, expectedLines({ folder, manifest }));
  // The log is closed before the folder is checked and published: its last lines are on the terminal only.
  const kept = readFileSync(join(folder, "backup.log"), "utf8").split("\n");
  const keptLines = kept.map((line) => line.replace(/^\S+ (?:debug|info|warning|error) /, ""));
  assertInOrder(keptLines, expectedLines({ folder, manifest }).slice(0, -1));
}

function expectedLines({ folder, manifest }: FoundBackup): readonly string[] {
  const ran = manifest.vm.stateAtBackup !== "shut-off";
  const names = manifest.snapshots.order.map(({ name }) => `"${name}"`).toSorted();
  return [
    "Backup started",
    ...manifest.disks.map(({ target, source }) => `Detected disk ${target} → ${source.path}`),
    names.length === 0 ? "No internal snapshots found" : `Internal snapshots: `,
    ran ? "Snapshot taken, " : "VM not running (state=shut off); skipping snapshot",
    ...manifest.disks.flatMap(({ target, layers }) =>
      layers.map(({ sourcePath, fileName }) => `${target}: ${sourcePath} → ${folder}/${fileName}`),
    ),
    ...(ran ? ["Merging overlays back…", "Host restored; "] : []),
    `XML: ${folder}/${manifest.files.patchedXml.fileName}`,
    `Backup complete: ${folder} (`,
  ];
}

function assertInOrder(lines: readonly string[], beginnings: readonly string[]): void {
  let from = 0;
  for (const beginning of beginnings) {
    const found = lines.findIndex((line, index) => index >= from && line.startsWith(beginning));
    assert.notEqual(found, -1, `no line begins with ${JSON.stringify(beginning)} in\n${lines.join("\n")}`);
    from = found + 1;
  }
}
