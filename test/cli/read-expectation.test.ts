import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { readExpectation } from "../../lib/cli/read-expectation.ts";

describe("readExpectation()", () => {
  it("reads the three signs of life", () => {
    assert.deepEqual(readExpectation(), { kind: "agent" });
    assert.deepEqual(readExpectation("port:22"), { kind: "port", port: 22 });
    assert.deepEqual(readExpectation("serial:a:b"), { kind: "serial", pattern: "a:b" });
  });

  it("refuses everything else with what there is", () => {
    for (const text of [
      "ping",
      "port:",
      "port:0",
      "port:65536",
      "port:x",
      "serial:",
      "serial:(",
      "agent ",
      "",
    ])
      assert.throws(
        () => readExpectation(text),
        (error) => error instanceof BackupError && error.reason.kind === "usage",
        text,
      );
  });
});
