import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import type { Manifest } from "../../lib/store/manifest.ts";
import { formatManifest, parseManifest } from "../../lib/store/manifest.ts";
import { awkwardNames, sampleDraft } from "./sample-backup.ts";
import { alteredManifest, sampleManifest } from "./sample-manifest.ts";

describe("formatManifest()", () => {
  it("writes what parseManifest() reads", () => {
    const manifest = sampleManifest();
    const reading = parseManifest(formatManifest(manifest));
    assert.deepEqual(reading, {
      kind: "manifest",
      manifest: JSON.parse(JSON.stringify(manifest)) as unknown,
    });
  });

  it("cuts a host's long complaint", () => {
    const manifest = sampleManifest({ ...sampleDraft(), whyNotFilesystem: "x".repeat(100_000) });
    assert.equal(parseManifest(formatManifest(manifest)).kind, "manifest");
  });

  it("carries awkward names through", () => {
    for (const name of awkwardNames) {
      const manifest = sampleManifest(sampleDraft({ host: name, vm: name, snapshots: [name] }));
      const reading = parseManifest(formatManifest(manifest));
      assert.ok(reading.kind === "manifest", JSON.stringify(name));
      assert.equal(reading.manifest.vm.name, name);
      assert.equal(reading.manifest.snapshots.order[0]?.name, name);
    }
  });

  it("leaves out what the schema does not know", () => {
    const text = formatManifest({ ...sampleManifest(), secret: "hunter2" } as Manifest);
    assert.doesNotMatch(text, /hunter2/);
  });

  it("refuses what could not be read again", () => {
    const manifest = { ...sampleManifest(), newName: "x".repeat(10_000) };
    assert.throws(
      () => formatManifest(manifest),
      (error) => error instanceof BackupError && error.reason.kind === "store-entry-bad",
    );
  });
});

describe("parseManifest()", () => {
  it("says that a newer version made it, whatever else it holds", () => {
    assert.deepEqual(parseManifest(alteredManifest("version", 2)), { kind: "newer", version: 2 });
    assert.deepEqual(parseManifest(`{"version":7,"disks":"on the moon"}`), { kind: "newer", version: 7 });
  });

  it("ignores keys of version 1 that it does not know", () => {
    for (const place of ["addedLater", "vm.addedLater", "disks.0.layers.0.addedLater"]) {
      const reading = parseManifest(alteredManifest(place, { a: 1 }));
      assert.ok(reading.kind === "manifest" && !JSON.stringify(reading.manifest).includes("addedLater"));
    }
  });

  it("takes words it does not know where they only inform", () => {
    for (const place of [
      "disks.0.copyMethod",
      "skippedDisks.0.reason",
      "warnings.0.kind",
      "vm.stateAtBackup",
    ]) {
      assert.equal(parseManifest(alteredManifest(place, "something-newer")).kind, "manifest", place);
    }
  });
});
