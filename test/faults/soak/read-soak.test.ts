import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSoak } from "./read-soak.ts";

describe("readSoak()", () => {
  it("reads how long and with which dice", () => {
    assert.deepEqual(readSoak([]), { kind: "run", minutes: 10, seed: undefined });
    assert.deepEqual(readSoak(["--minutes", "0.5", "--seed", "7"]), { kind: "run", minutes: 0.5, seed: 7 });
  });

  for (const argv of ["--minutes=0", "--minutes=", "--minutes=1e9", "--minutes=x", "--seed=-1", "--seed="]) {
    it(`refuses ${argv}`, () => {
      const line = readSoak([argv]);
      assert.ok(line.kind === "end");
      assert.equal(line.exitCode, 2);
      assert.match(line.text, /^--(?:minutes|seed) cannot be ".*": a (?:whole )?number /);
    });
  }

  it("has a help, and knows no other flags", () => {
    const help = readSoak(["--help"]);
    assert.ok(help.kind === "end" && help.exitCode === 0);
    const mistake = readSoak(["--minute", "3"]);
    assert.ok(mistake.kind === "end" && mistake.exitCode === 2);
  });
});
