import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listeningPorts } from "../../lib/drill/read-listeners.ts";
import { patternProblem, searchSerial } from "../../lib/drill/serial-lines.ts";

describe("searchSerial()", () => {
  it("finds a line that comes in pieces, and one that has not ended", () => {
    const search = searchSerial("^login: *$");
    for (const text of ["Debian\r\nlo", "gi", "n"]) assert.equal(search.push(text), false);
    assert.equal(search.push(": "), true);
    assert.equal(searchSerial("^b$").push("a\rb\nc"), true);
  });

  it("finds nothing across lines", () => {
    assert.equal(searchSerial("a.*b").push("a\nb"), false);
  });

  it(
    "takes no longer over what is made to trap it, and keeps no more than a line",
    { timeout: 20_000 },
    () => {
      const search = searchSerial("^(a+)+$");
      const text = `${"a".repeat(4095)}b`;
      for (let count = 0; count < 64; count++) assert.equal(search.push(text), false);
    },
  );

  it("says what is wrong with a pattern, and takes none that only backtracking can match", () => {
    assert.match(patternProblem("(") ?? "", /missing closing \)/);
    assert.notEqual(patternProblem("(a)\\1"), undefined);
    assert.equal(patternProblem("login: *$"), undefined);
  });
});

describe("listeningPorts()", () => {
  it("reads what listens, of both kinds of address, and nothing else", () => {
    const text = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1",
      "   1: 0100007F:0050 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1",
      "  12: 00000000000000000000000000000000:115C 00000000000000000000000000000000:0000 0A 0 0 0",
    ].join("\n");
    assert.deepEqual(listeningPorts(text), [22, 4444]);
    assert.deepEqual(listeningPorts("   0: nonsense:0016 0A"), []);
  });
});
