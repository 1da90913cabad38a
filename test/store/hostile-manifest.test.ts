import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { namedFiles } from "../../lib/store/find-contradiction.ts";
import { formatManifest, maximumManifestBytes, parseManifest } from "../../lib/store/manifest.ts";
import { alteredManifest, sampleManifest } from "./sample-manifest.ts";

function assertInvalid(text: string, message?: string): void {
  const reading = parseManifest(text);
  assert.equal(reading.kind, "invalid", message ?? text.slice(0, 200));
}

describe("parseManifest() of what anybody may have written", () => {
  it("refuses what is no manifest", () => {
    const texts = [
      "",
      " ",
      "null",
      "1",
      "[]",
      "{}",
      `"text"`,
      "{",
      "[".repeat(100_000),
      `{"version":1}`,
      "\uFEFF{}",
    ];
    for (const text of texts) assertInvalid(text);
    for (const version of [0, -1, 1.5, "1", "2", null, [2], 1e300, true])
      assertInvalid(alteredManifest("version", version));
  });

  it("refuses a text beyond the bound", () => {
    assertInvalid(formatManifest(sampleManifest()) + " ".repeat(maximumManifestBytes), "too long");
  });

  it("refuses an owner or a mode that a command could take for something else", () => {
    for (const user of ["-rf", "", "a b", "root:kvm", "a\n", "x".repeat(65), 0])
      assertInvalid(alteredManifest("bootFiles.0.access.user", user), JSON.stringify(user));
    for (const mode of ["4755", "0999", "u+s", "--reference=/etc/shadow", 420])
      assertInvalid(alteredManifest("bootFiles.0.access.mode", mode), JSON.stringify(mode));
  });

  it("refuses file names that lead out of the folder", () => {
    const names = [
      "../x",
      "/etc/passwd",
      "a/../../b",
      "..",
      ".",
      "",
      "a\\b",
      "a\nb",
      "a\0",
      ".hidden",
      "a//b",
      "a/b/c/d/e",
    ];
    const places = [
      "disks.0.layers.0.fileName",
      "bootFiles.0.fileName",
      "snapshots.order.0.fileName",
      "files.originalXml.fileName",
      "files.patchedXml.fileName",
    ];
    for (const place of places)
      for (const name of names) assertInvalid(alteredManifest(place, name), `${place} ${name}`);
  });

  it("refuses two files with one name, also where case does not count, and our own names", () => {
    for (const name of ["vdb.raw", "VDB.RAW", "manifest.json", "Manifest.JSON", "SHA256SUMS", "backup.log"]) {
      assertInvalid(alteredManifest("disks.0.layers.0.fileName", name), name);
    }
  });

  it("refuses numbers that are none, or beyond all bounds", () => {
    const values = [-1, 1.5, 2 ** 53, 1e300, "1", null, {}, [], true];
    for (const place of [
      "disks.0.virtualBytes",
      "disks.0.layers.0.bytes",
      "disks.0.layers.0.allocatedBytes",
    ]) {
      for (const value of values)
        assertInvalid(alteredManifest(place, value), `${place} ${JSON.stringify(value)}`);
    }
    for (const value of [-1, 1e300, "1", null]) assertInvalid(alteredManifest("secondsOnOverlay", value));
    const infinite = alteredManifest("secondsOnOverlay", 77.25).replace("77.25", "1e999");
    assertInvalid(infinite, "Infinity");
  });

  it("refuses what is too long or too much", () => {
    const disk = (JSON.parse(alteredManifest("x", 1)) as { disks: unknown[] }).disks[0];
    assertInvalid(alteredManifest("vm.name", "x".repeat(1025)));
    assertInvalid(alteredManifest("disks.0.source.path", "x".repeat(8193)));
    assertInvalid(
      alteredManifest(
        "disks",
        Array.from({ length: 1025 }, () => disk),
      ),
    );
    assertInvalid(alteredManifest("disks", []));
    assertInvalid(alteredManifest("disks.0.layers", []));
    assertInvalid(
      alteredManifest(
        "warnings",
        Array.from({ length: 10_001 }, () => ({ kind: "tpm-state" })),
      ),
    );
  });

  it("refuses moments and identifiers that are none", () => {
    for (const value of [
      "2026-02-30T00:00:00Z",
      "2026-11-23T01:25:00+01:00",
      "2026-11-23",
      "",
      1,
      "now",
      null,
    ]) {
      assertInvalid(alteredManifest("startedAt", value), String(value));
    }
    for (const value of ["", "../x", "a b", "x".repeat(65), 1])
      assertInvalid(alteredManifest("backupId", value));
    for (const value of ["", "x", "4d1c6b1e5a3f4f1d9f3e0a1b2c3d4e5f", `${sampleManifest().vm.uuid}\n`]) {
      assertInvalid(alteredManifest("vm.uuid", value));
    }
    for (const value of ["", "A".repeat(64), "a".repeat(63), `${"a".repeat(64)}\n`]) {
      assertInvalid(alteredManifest("disks.0.layers.0.sha256", value));
    }
  });

  it("refuses a snapshot tree that cannot be redefined in its order", () => {
    assertInvalid(alteredManifest("snapshots.order.0.parent", "Base"), "child before parent");
    assertInvalid(alteredManifest("snapshots.order.1.parent", "nobody"), "unknown parent");
    assertInvalid(alteredManifest("snapshots.order.1.name", "base"), "twice");
    assertInvalid(alteredManifest("snapshots.current", "nobody"), "unknown current");
  });

  it("refuses a target that two disks have", () => {
    assertInvalid(alteredManifest("disks.1.target", "vda"));
  });

  it("never throws, and lets no damage through, when values are replaced at random", () => {
    const junk = [
      null,
      true,
      -1,
      1e300,
      "",
      "../..",
      "\0",
      [],
      {},
      { __proto__: null },
      [[]],
      "x".repeat(20_000),
    ];
    const places = placesIn(JSON.parse(formatManifest(sampleManifest())), "");
    assert.ok(places.length > 100);
    for (const place of places) {
      for (const value of junk) {
        const reading = parseManifest(alteredManifest(place, value));
        if (reading.kind !== "manifest") continue;
        for (const { fileName } of namedFiles(reading.manifest))
          assert.doesNotMatch(fileName, /\.\.|^\/|\\|\0/);
      }
    }
  });

  it("does not touch prototypes", () => {
    const text = alteredManifest("vm.name", "web").replace(`"tool"`, `"__proto__":{"polluted":1},"tool"`);
    assert.equal(parseManifest(text).kind, "manifest");
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
});

function placesIn(value: unknown, place: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [place];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    placesIn(item, place === "" ? key : `${place}.${key}`),
  );
  return place === "" ? inner : [place, ...inner];
}
