import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { eventJsonSchema, eventKinds, eventSchema } from "../../lib/report/event-schema.ts";
import { statusAfter } from "../../lib/report/fleet-status.ts";
import { jsonEvent, runFailedEvent } from "../../lib/report/json-event.ts";
import { runResult } from "../../lib/report/run-result.ts";
import { sampleEvents } from "./sample-events.ts";

const at = new Date("2026-11-23T01:25:00.000Z");
const overWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const facts = { startedAt: at, now: at, store: "/s", asked: [] };

/** A line of each kind. */
const lines = [
  ...sampleEvents.map((event) => jsonEvent({ ...event, at })),
  runFailedEvent(new BackupError({ kind: "store-missing", store: "/s" }), at),
  runFailedEvent(new TypeError("x"), at),
  runResult(statusAfter(sampleEvents), { ...facts, exitCode: 3 }),
];

describe("jsonEvent()", () => {
  it("gives every kind the shape that the schema has, and no key that it has not", () => {
    for (const line of lines) {
      const read = eventSchema.safeParse(overWire(line));
      assert.deepEqual(read.data, overWire(line), `${line.kind}: ${read.error?.message ?? ""}`);
    }
    assert.deepEqual([...new Set(lines.map(({ kind }) => kind))].toSorted(), eventKinds.toSorted());
  });

  it("is one line each, whatever names there are", () => {
    for (const line of lines) assert.doesNotMatch(JSON.stringify(line), /[\n\r]/);
  });

  it("says why something failed as facts and as a sentence", () => {
    const reason = { kind: "tool-missing", where: "kvm1", tool: "rsync" } as const;
    assert.deepEqual(jsonEvent({ kind: "host-failed", host: "kvm1", reason, at }), {
      version: 1,
      at: at.toISOString(),
      kind: "host-failed",
      host: "kvm1",
      failure: {
        ...reason,
        sentence: 'Cannot find "rsync" on "kvm1". Install it there and run the backup again',
      },
    });
  });
});

describe("schema/events.schema.json", () => {
  it("is what the events' schema generates (else run test/report/regenerate-event-schema.ts)", async () => {
    const text = await readFile(new URL("../../schema/events.schema.json", import.meta.url), "utf8");
    assert.deepEqual(JSON.parse(text), overWire(eventJsonSchema()));
  });
});
