import assert from "node:assert/strict";
import { it } from "node:test";
import type { Event, VmEvent } from "../../lib/model/event.ts";
import { followFleet } from "../../lib/report/fleet-progress.ts";
import { followEvents } from "../../lib/report/fleet-status.ts";

const mib = 2 ** 20;

it("followFleet() counts VMs, and bytes once, at the rate of late", () => {
  const look = followFleet(1000);
  const { status, take } = followEvents();
  const tell = (event: Event): void => take(event);
  const web = (event: VmEvent): void => tell({ kind: "vm", host: "kvm1", vm: "web", event });
  tell({ kind: "vms-chosen", host: "kvm1", vms: ["web", "db", "mail"] });
  assert.deepEqual(look(status, 1000), { doneVms: 0, allVms: 3, detail: "" });
  web({ kind: "step-started", step: "copy-disks" });
  web({ kind: "copy-started", target: "vda", from: "/a", to: "/b", totalBytes: 200 * mib });
  web({ kind: "copy-progress", target: "vda", bytes: 100 * mib, totalBytes: 200 * mib });
  assert.equal(look(status, 11_000).detail, "100 MiB, 10.0 MiB/s");
  web({ kind: "copy-progress", target: "vda", bytes: 200 * mib, totalBytes: 200 * mib });
  web({ kind: "copy-finished", target: "vda", bytes: 200 * mib, sentBytes: 90 * mib, seconds: 20 });
  assert.equal(look(status, 21_000).detail, "200 MiB, 10.0 MiB/s");
  web({ kind: "step-started", step: "verify-copies" });
  // Nothing came for longer than the rate is taken over.
  assert.equal(look(status, 41_000).detail, "200 MiB");
  tell({ kind: "vm-refused", host: "kvm1", vm: "db", reason: { kind: "interrupted", signal: "x" } });
  assert.deepEqual(look(status, 61_000), { doneVms: 1, allVms: 3, detail: "200 MiB, 2 min left" });
});
