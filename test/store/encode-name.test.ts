import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { decodeName, encodeName } from "../../lib/store/encode-name.ts";
import { awkwardNames, temporaryFolder } from "./sample-backup.ts";

describe("encodeName()", () => {
  const folder = temporaryFolder();

  it("leaves readable what is harmless", () => {
    for (const name of [
      "web",
      "Käse-Straße ÄÖÜ",
      `it's "quoted"`,
      "R&D <test>",
      "a.b_c",
      "kvm1:2222",
      "~x",
    ]) {
      assert.equal(encodeName(name), name);
    }
  });

  it("encodes what leads elsewhere, hides, or has a meaning of its own", () => {
    const cases = [
      ["", "%empty"],
      [".", "%2E"],
      ["..", "%2E%2E"],
      [".partial-x", "%2Epartial-x"],
      ["a/b", "a%2Fb"],
      ["a\\b", "a%5Cb"],
      ["100%", "100%25"],
      ["-rf", "%2Drf"],
      ["a\nb", "a%0Ab"],
      ["nul\0", "nul%00"],
      ["a\u0085b", "a%C2%85b"],
      ["a\u202Eb", "a%E2%80%AEb"],
      ["dot.", "dot%2E"],
      ["space ", "space%20"],
      ["latest", "%6Catest"],
      ["Latest", "%4Catest"],
      ["latest2", "latest2"],
      ["half\uD800", "half%uD800"],
    ] as const;
    for (const [name, encoded] of cases) assert.equal(encodeName(name), encoded);
  });

  it("gives every name one component of at most 255 bytes, each a different one", () => {
    const encoded = awkwardNames.map((name) => encodeName(name));
    assert.equal(new Set(encoded).size, awkwardNames.length);
    for (const component of encoded) {
      assert.ok(Buffer.byteLength(component) <= 255, component);
      assert.match(component, /^[^./\\\p{Cc}-][^/\\\p{Cc}]*$/u);
    }
  });

  it("cuts long names between characters, and keeps them apart by a hash", () => {
    for (const limit of [64, 100, 240, 255]) {
      const names = ["ü".repeat(200), "ü".repeat(201), "/".repeat(200), "x".repeat(256), "👩‍👩‍👧".repeat(40)];
      const encoded = names.map((name) => encodeName(name, limit));
      assert.equal(new Set(encoded).size, names.length);
      for (const component of encoded) {
        assert.ok(Buffer.byteLength(component) <= limit);
        assert.doesNotMatch(component, /\uFFFD/u);
        assert.match(component, /%~[0-9a-f]{32}$/);
      }
    }
  });

  it("makes names that a file system takes and gives back", async () => {
    for (const name of awkwardNames) await mkdir(path.join(folder, encodeName(name)));
    assert.deepEqual((await readdir(folder)).sort(), awkwardNames.map((name) => encodeName(name)).sort());
  });
});

describe("decodeName()", () => {
  it("turns every encoded name back, but for those that were cut", () => {
    for (const name of awkwardNames) {
      const encoded = encodeName(name);
      assert.equal(decodeName(encoded), /%~[0-9a-f]{32}$/.test(encoded) ? undefined : name);
    }
  });

  it("turns random names back", () => {
    const alphabet = [
      "a",
      ".",
      "-",
      "/",
      "%",
      "2",
      "F",
      "u",
      "ü",
      " ",
      "\n",
      "\uD800",
      "\uDC00",
      "l",
      "~",
      "é",
    ];
    for (let round = 0; round < 3000; round += 1) {
      const length = Math.floor(Math.random() * 8);
      const name = Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join(
        "",
      );
      assert.equal(decodeName(encodeName(name)), name, JSON.stringify(name));
    }
  });

  it("refuses what encodeName() never makes", () => {
    for (const component of [
      ".",
      "..",
      "%2f",
      "%41",
      "%",
      "a%2",
      "%C3",
      "%FF",
      "latest",
      "%u0041",
      "a/b",
      "-x",
    ]) {
      assert.equal(decodeName(component), undefined, component);
    }
  });
});
