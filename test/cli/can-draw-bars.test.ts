import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canDrawBars } from "../../lib/cli/can-draw-bars.ts";

describe("canDrawBars()", () => {
  const terminal = { isStdoutTerminal: true, isStderrTerminal: true, isDumb: false };

  it("is so on a terminal that can, where they are wanted", () => {
    assert.equal(canDrawBars({ isQuiet: false }, terminal), true);
    assert.equal(canDrawBars({ isQuiet: true }, terminal), false);
    assert.equal(canDrawBars({ isQuiet: false }, { ...terminal, isDumb: true }), false);
    assert.equal(canDrawBars({ isQuiet: false }, { ...terminal, isStderrTerminal: false }), false);
  });

  it("is not so where objects for programs go to the same terminal", () => {
    const options = { isQuiet: false, isJson: true };
    assert.equal(canDrawBars(options, terminal), false);
    assert.equal(canDrawBars(options, { ...terminal, isStdoutTerminal: false }), true);
  });
});
