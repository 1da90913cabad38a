import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readBench } from "./read-bench.ts";

describe("readBench()", () => {
  it("reads the size of the fleet", () => {
    assert.deepEqual(readBench([]), { kind: "run", hosts: 5, vms: 2 });
    assert.deepEqual(readBench(["--hosts", "1000", "--vms=5"]), { kind: "run", hosts: 1000, vms: 5 });
  });

  for (const argv of ["--hosts=0", "--hosts=1001", "--hosts=", "--vms=x", "--vms=51", "--vms=-1"]) {
    it(`refuses ${argv}`, () => {
      const line = readBench([argv]);
      assert.ok(line.kind === "end" && line.exitCode === 2);
      assert.match(line.text, /^--(?:hosts|vms) cannot be ".*": a whole number from 1 to \d+$/);
    });
  }
});
