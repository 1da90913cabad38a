// The lines that README.md quotes are those that the program prints.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Event, VmEvent } from "../../lib/model/event.ts";
import { logLine } from "../../lib/report/log-lines.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const image = "/var/lib/libvirt/images/ubuntu20.qcow2";
const backup = "/home/me/backups/kvm7/ubuntu20/2026-11-23-012500";

const ofVm = (event: VmEvent): Event => ({ kind: "vm", host: "kvm7", vm: "ubuntu20", event });

/** What happens in the backup that is quoted. */
const events: readonly Event[] = [
  { kind: "run-started", hosts: ["kvm7"], store: "/home/me/backups" },
  { kind: "host-surveyed", host: "kvm7", vms: 3 },
  ofVm({ kind: "disk-found", target: "vda", path: image }),
  ofVm({ kind: "snapshot-taken", consistency: "filesystem", why: undefined }),
  ofVm({ kind: "copy-started", target: "vda", from: image, to: `${backup}/vda.qcow2`, totalBytes: 15e9 }),
  ofVm({ kind: "restoring-host" }),
  ofVm({ kind: "host-restored", secondsOnOverlay: 133, overlayPeakBytes: 212 * 2 ** 20 }),
  ofVm({ kind: "published", path: backup, storedBytes: 14.2 * 2 ** 30, latestProblem: undefined }),
];

describe("README.md", () => {
  it("quotes the log of a backup as it is, and says that it is shortened", () => {
    const [, introduction, sample = ""] = /^(.*)\n\n```\n(2026-11-23T[\s\S]*?)```$/m.exec(readme) ?? [];
    assert.match(introduction ?? "", /shortened \(`…`/);
    const lines = sample.split("\n").filter((line) => line !== "" && line !== "…");
    assert.deepEqual(
      lines.map((line) => line.replace(/^2026-11-23T01:2\d:\d\dZ /, "")),
      events.map((event) => logLine(event)?.text),
    );
  });
});
