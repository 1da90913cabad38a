import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isGlob, matchesGlob } from "../../lib/config/glob.ts";

describe("matchesGlob()", () => {
  const cases: readonly (readonly [pattern: string, fits: readonly string[], fitsNot: readonly string[]])[] =
    [
      ["web", ["web"], ["web1", "aweb", "Web", ""]],
      ["web*", ["web", "web1", "web 2"], ["aweb"]],
      ["*", ["", "x", `Ümläut & <Söhne> "it's"`, "two\nlines"], []],
      ["w?b", ["web", "wüb", "w🐧b"], ["wb", "weeb"]],
      ["*a*b*", ["ab", "xaxbx"], ["ba", "a"]],
      ["web[1]", ["web[1]"], ["web1"]],
      ["a\\*b", ["a*b", "a\\*b"], ["axb"]],
      ["Ümläut*", [`Ümläut & <Söhne> "it's"`], ["Umlaut"]],
      [".*", [".x"], ["x"]],
    ];
  for (const [pattern, fits, fitsNot] of cases) {
    it(`takes ${JSON.stringify(pattern)} as people mean it`, () => {
      for (const name of fits) assert.equal(matchesGlob(pattern, name), true, name);
      for (const name of fitsNot) assert.equal(matchesGlob(pattern, name), false, name);
    });
  }

  it("takes no endless time over many stars", () => {
    assert.equal(matchesGlob("*a".repeat(300), `${"a".repeat(3000)}b`), false);
  });
});

describe("isGlob()", () => {
  it("knows a pattern from a name with a star that is meant as it is", () => {
    assert.deepEqual(["a*", "a?", "a", "a\\*", "[a]", "\\\\*"].map(isGlob), [
      true,
      true,
      false,
      false,
      false,
      true,
    ]);
  });
});
