import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collectAnswer, streamAnswer } from "../../lib/shell/answer-reader.ts";
import type { AnswerReader } from "../../lib/shell/answer-reader.ts";

const marker = "0123456789abcdef";
const answer = `Welcome, no newline\n${marker} ready\nüne\n\n\nlast\n${marker} 7\n\n${marker} end\n`;

/** Sends a text in pieces of every size, so that each boundary is cut through. */
function forEachCut(make: () => AnswerReader, check: (reader: AnswerReader) => void): void {
  const bytes = Buffer.from(answer);
  for (let size = 1; size <= bytes.length; size++) {
    const reader = make();
    for (let start = 0; start < bytes.length; start += size) reader.push(bytes.subarray(start, start + size));
    check(reader);
  }
}

describe("collectAnswer()", () => {
  it("finds noise, output and words, wherever the bytes were cut", () => {
    forEachCut(
      () => collectAnswer(marker, "end"),
      (reader) => {
        const parts = reader.parts().map(({ before, words }) => [before.toString(), words]);
        assert.deepEqual(parts, [
          ["Welcome, no newline", "ready"],
          ["üne\n\n\nlast", "7"],
          ["", "end"],
        ]);
        assert.equal(reader.hasEnded(), true);
        assert.equal(reader.unread(), "");
      },
    );
  });

  it("has not ended before the last byte is there", () => {
    const reader = collectAnswer(marker, "end");
    reader.push(Buffer.from(answer.slice(0, -1)));
    assert.equal(reader.hasEnded(), false);
    assert.equal(reader.keptBytes(), Buffer.byteLength(answer) - 1);
    reader.push(Buffer.from("\n"));
    assert.equal(reader.hasEnded(), true);
  });

  it("keeps what is no answer, for the message", () => {
    const reader = collectAnswer(marker, "end");
    reader.push(Buffer.from("This account is not available\n"));
    assert.deepEqual(reader.parts(), []);
    assert.equal(reader.unread(), "This account is not available\n");
  });
});

describe("streamAnswer()", () => {
  it("hands on whole lines, wherever the bytes were cut", () => {
    let lines: string[] = [];
    const make = (): AnswerReader => {
      lines = [];
      return streamAnswer(marker, "end", (line) => lines.push(line));
    };
    forEachCut(make, (reader) => {
      assert.deepEqual(lines, ["üne", "", "", "last"]);
      assert.deepEqual(
        reader.parts().map(({ words }) => words),
        ["ready", "7", "end"],
      );
      assert.equal(reader.hasEnded(), true);
      assert.equal(reader.keptBytes(), 0);
    });
  });

  it("hands on a line the moment it is there", () => {
    const lines: string[] = [];
    const reader = streamAnswer(marker, "end", (line) => lines.push(line));
    reader.push(Buffer.from(`noise\n\n${marker} ready\nfirst\nsec`));
    assert.deepEqual(lines, ["first"]);
    assert.equal(reader.unread(), "noise");
  });
});
