import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readCommandLine, type ScriptCommandLine } from "../../scripts/testing/read-command-line.ts";

const read = (...argv: readonly string[]): ScriptCommandLine =>
  readCommandLine(argv, { help: "Run as: x", flags: { only: "PART", seed: "NUMBER" } });

describe("readCommandLine()", () => {
  it("gives each value of each flag", () => {
    const values = { only: ["a", "b"], seed: ["7"] };
    const line = read("--only", "a", "--seed=7", "--only", "b");
    assert.equal(line.kind, "run");
    assert.deepEqual({ ...line.values }, values);
    assert.deepEqual(read(), { kind: "run", values: {} });
  });

  it("gives the help for --help and -h, whatever else there is", () => {
    for (const flag of ["--help", "-h"])
      assert.deepEqual(read("--seed", "7", flag), { kind: "end", exitCode: 0, text: "Run as: x" });
  });

  for (const argv of [["--sede", "7"], ["seven"], ["--seed"], ["--seed", "--only", "a"], ["--help=7"]]) {
    it(`tells a mistake in one line that names what there is: ${argv.join(" ")}`, () => {
      const line = read(...argv);
      assert.ok(line.kind === "end");
      assert.equal(line.exitCode, 2);
      assert.match(line.text, /^[^\n.]+: there is --only PART, --seed NUMBER, --help$/);
    });
  }
});
