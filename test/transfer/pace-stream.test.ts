import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { paceStream, type Clock } from "../../lib/transfer/pace-stream.ts";

const { signal } = new AbortController();

/** A clock that goes on only while somebody waits, or is told to; a timer of it rings late by `late`. */
function ownClock(late = 0): Clock & { passed: number; readonly waits: number[] } {
  const clock = {
    passed: 0,
    waits: [] as number[],
    now: () => clock.passed,
    wait: async (milliseconds: number) => {
      clock.waits.push(milliseconds);
      clock.passed += milliseconds + late;
    },
  };
  return clock;
}

/** So many chunks of 1000 bytes; each takes `delay` milliseconds to come. */
async function* chunks(count: number, clock: { passed: number }, delay = 0): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index++) {
    clock.passed += delay;
    yield Buffer.alloc(1000, index);
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<readonly Buffer[]> {
  const all: Buffer[] = [];
  for await (const chunk of stream) all.push(chunk);
  return all;
}

describe("paceStream()", () => {
  it("gives the same bytes, the last of them when all may have come", async () => {
    const clock = ownClock();
    const all = await collect(paceStream(chunks(50, clock), { bytesPerSecond: 10_000, signal, clock }));
    assert.deepEqual(
      all.map((chunk) => chunk[0]),
      [...Array(50).keys()],
    );
    assert.equal(Math.round(clock.passed), 5000);
    assert.equal(clock.waits.length, 50);
  });

  it("waits seldom where chunks are quick, and for all that is left at the end", async () => {
    const clock = ownClock();
    await collect(paceStream(chunks(1007, clock), { bytesPerSecond: 1_000_000, signal, clock }));
    assert.equal(Math.round(clock.passed), 1007);
    assert.ok(clock.waits.length <= 21, `${clock.waits.length} waits`);
  });

  it("makes good what timers are late, so that the rate is kept and not missed", async () => {
    const clock = ownClock(20);
    await collect(paceStream(chunks(100, clock), { bytesPerSecond: 10_000, signal, clock }));
    assert.ok(clock.passed >= 10_000 && clock.passed <= 10_040, `${clock.passed} ms`);
  });

  it("lets no flood through after a stream was slow by itself", async () => {
    const clock = ownClock();
    const slowThenQuick = async function* (): AsyncGenerator<Buffer> {
      yield* chunks(10, clock, 1000);
      yield* chunks(10, clock);
    };
    await collect(paceStream(slowThenQuick(), { bytesPerSecond: 10_000, signal, clock }));
    // The ten quick ones take a second; at most a tenth of it was saved up.
    assert.ok(clock.passed >= 10_900 && clock.passed <= 11_000, `${clock.passed} ms`);
  });

  it("asks for the next bytes only when those before it were taken: who sends is held up", async () => {
    const clock = ownClock();
    let given = 0;
    const source = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        given++;
        yield Buffer.alloc(1000);
      }
    };
    const stream = paceStream(source(), { bytesPerSecond: 1000, signal, clock });
    for await (const chunk of stream) {
      assert.equal(chunk.length, 1000);
      if (clock.passed >= 3000) break;
    }
    assert.equal(given, 3);
  });

  it("ends a wait at once when it is stopped", async () => {
    const controller = new AbortController();
    const hour = paceStream(chunks(3600, { passed: 0 }), { bytesPerSecond: 1, signal: controller.signal });
    const startedAt = performance.now();
    setImmediate(() => controller.abort());
    await assert.rejects(collect(hour), { name: "AbortError" });
    assert.ok(performance.now() - startedAt < 60_000);
  });

  it("is the stream itself without a limit", () => {
    const source = chunks(1, { passed: 0 });
    assert.equal(paceStream(source, { bytesPerSecond: 0, signal }), source);
  });
});
