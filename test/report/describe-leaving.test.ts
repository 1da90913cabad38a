import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event, VmEvent } from "../../lib/model/event.ts";
import { describeLeaving } from "../../lib/report/describe-leaving.ts";
import { statusAfter } from "../../lib/report/fleet-status.ts";

const name = `Ümläut & <Söhne> "it's"\n`;
const armed: VmEvent = { kind: "guard-armed", command: "sh /x/guard.sh restore" };
const restored: VmEvent = { kind: "host-restored", secondsOnOverlay: 1, overlayPeakBytes: 1 };
const say = (...events: readonly (readonly [host: string, vm: string, event: VmEvent])[]): string => {
  const status = statusAfter(events.map(([host, vm, event]): Event => ({ kind: "vm", host, vm, event })));
  return describeLeaving("SIGINT", status, { leaseSeconds: 90 }).join("\n");
};

describe("describeLeaving()", () => {
  it("says so when no host has anything to undo", () => {
    assert.match(say(), /no host has anything to undo$/);
    assert.match(say(["kvm1", "web", armed], ["kvm1", "web", restored]), /no host has anything to undo$/);
  });

  it("says that the guards finish by themselves, when they begin, and how to see whether they have", () => {
    const text = say(["kvm1", name, armed], ["kvm1", "db", armed], ["kvm2", "web", armed]);
    assert.match(text, /finish by themselves: they begin within 90 s\. Never delete an overlay by hand$/m);
    assert.match(text, /^kvm1\/Ümläut & <Söhne> "it's" may be .*: sh \/x\/guard\.sh restore$/m);
    assert.match(text, /: npx tsx scripts\/recover\.ts kvm1 kvm2$/);
  });
});
