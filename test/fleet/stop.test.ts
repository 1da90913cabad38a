import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listenForStop } from "../../lib/fleet/stop.ts";

/** What is heard of signals that come so many milliseconds after each other. */
function heard(signals: readonly (readonly [name: NodeJS.Signals, after: number])[]): readonly string[] {
  const lines: string[] = [];
  let time = 5;
  const stop = listenForStop(
    ({ signal }) => lines.push(`stop ${signal}`),
    (signal) => lines.push(`leave ${signal}`),
    () => time,
  );
  try {
    for (const [name, after] of signals) {
      time += after;
      process.emit(name);
    }
    assert.equal(stop.signal.aborted, signals.length > 0);
    assert.equal(stop.signal.reason, signals[0]?.[0]);
  } finally {
    stop.release();
  }
  return lines;
}

describe("listenForStop()", () => {
  it("stops at the first signal, and leaves at the next", () => {
    assert.deepEqual(heard([["SIGINT", 0]]), ["stop SIGINT"]);
    const two = [
      ["SIGTERM", 0],
      ["SIGINT", 1500],
    ] as const;
    assert.deepEqual(heard(two), ["stop SIGTERM", "leave SIGINT"]);
  });

  it("takes what programs around us hand on for the key press that they heard, too", () => {
    const echoes = [
      ["SIGINT", 0],
      ["SIGINT", 40],
      ["SIGTERM", 900],
    ] as const;
    assert.deepEqual(heard(echoes), ["stop SIGINT"]);
    assert.deepEqual(heard([...echoes, ["SIGINT", 500]]), ["stop SIGINT", "leave SIGINT"]);
  });

  it("gives the signals back", () => {
    const before = process.listenerCount("SIGHUP");
    heard([]);
    assert.equal(process.listenerCount("SIGHUP"), before);
  });
});
