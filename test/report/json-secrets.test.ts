// A definition has passwords in it (`virsh dumpxml --security-info`), and what --json prints goes anywhere.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspectVm } from "../../lib/backup/1-inspect-vm.ts";
import type { Ports } from "../../lib/backup/ports.ts";
import { readDefinitions } from "../../lib/fleet/read-definitions.ts";
import { asFailureOf, vmUnreadable } from "../../lib/fleet/understood.ts";
import type { Event, Outcome, VmEvent } from "../../lib/model/event.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { VmBackupPlan } from "../../lib/model/plan.ts";
import { statusAfter } from "../../lib/report/fleet-status.ts";
import { jsonEvent } from "../../lib/report/json-event.ts";
import { runResult } from "../../lib/report/run-result.ts";
import { buildPlannedBackup } from "../support/build-planned-vm.ts";
import {
  buildDomain,
  buildTpm,
  buildDomainXml,
  buildLayer,
  buildSnapshot,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const secret = "s3cret-of-the-console";
const at = new Date("2026-11-23T01:25:00.000Z");
const host = { name: "kvm1", destination: "root@kvm1", uri: "qemu:///system" };
const definition = buildDomainXml(buildDomain()).replace(
  "<devices>",
  `<devices><graphics type='vnc' passwd='${secret}'/>`,
);

/** A plan that has the secret in it, in the definition and in that of a snapshot. */
function planWithSecret(): VmBackupPlan {
  const snapshot = buildSnapshot({ xml: `<domainsnapshot><name>one</name>${definition}</domainsnapshot>` });
  const chains = new Map([["vda", [buildLayer({ snapshotNames: ["one"] })]]]);
  return buildPlannedBackup(
    buildVmFacts({
      domain: buildDomain({ tpm: buildTpm({ ownPlace: { folder: undefined } }) }),
      inactiveXml: definition,
      snapshots: [snapshot],
      chains,
    }),
  ).plan;
}

/** What is told of the step that reads the definition again, when it is this by now. */
async function eventsOfInspection(plan: VmBackupPlan, xml: string): Promise<readonly VmEvent[]> {
  const events: VmEvent[] = [];
  const answers = ["running (booted)\n", xml, xml].map((stdout) => ({ code: 0, stdout, stderr: "" }));
  const ports = { shell: { runAll: async () => answers }, emit: (event: VmEvent) => events.push(event) };
  try {
    await inspectVm(plan, ports as unknown as Ports);
  } catch (thrown) {
    const error = asFailureOf(host.name, thrown);
    const outcome: Outcome =
      error instanceof BackupError
        ? { kind: "failed", reason: error.reason, leftOnHost: [] }
        : { kind: "bug", error, leftOnHost: [] };
    events.push({ kind: "vm-finished", outcome });
  }
  return events;
}

/** What is told of a VM whose definition is this when the host is asked for its VMs. */
async function eventsOfSurvey(xml: string): Promise<readonly Event[]> {
  const answers = Array.from({ length: 7 }, () => ({ code: 0, stdout: xml, stderr: "" }));
  const { unreadable } = readDefinitions(new Map([["0f5f7a2e-1111-4222-8333-444455556666", answers]]));
  return unreadable.map((vm) => ({
    kind: "vm-refused",
    host: host.name,
    vm: vm.uuid,
    reason: vmUnreadable(host, vm),
  }));
}

/** Every line of a run with these events, and the one at its end. */
function linesOf(events: readonly Event[]): readonly string[] {
  const timed = events.map((event) => ({ ...event, at }));
  const facts = { startedAt: at, now: at, store: "/s", asked: [], exitCode: 3 };
  const end = runResult(statusAfter(timed), facts);
  return [...timed.map(jsonEvent), end].map((line) => JSON.stringify(line));
}

const broken = {
  "one that is cut off": definition.slice(0, -30),
  "one that is not well formed": definition.replace("</devices>", "</device>"),
  "one with an unknown reference": definition.replace("<devices>", "<title>&x;</title><devices>"),
  "one with a document type": `<!DOCTYPE domain>${definition}`,
  "another root": `<network>${definition}</network>`,
};

describe("the lines of --json", () => {
  const ofVm = (event: VmEvent): Event => ({ kind: "vm", host: host.name, vm: "web", event });

  it("tell of a VM, and nothing of its definition", async () => {
    const plan = planWithSecret();
    assert.ok(plan.facts.inactiveXml.includes(secret) && plan.snapshots[0]?.xml.includes(secret));
    const lines = linesOf((await eventsOfInspection(plan, definition)).map(ofVm));
    assert.ok(["disk-found", "warning", "internal-snapshots"].every((kind) => lines.join().includes(kind)));
    for (const line of lines) assertNoDefinition(line);
  });

  it("say that a definition is another, and not which", async () => {
    const other = definition.replace("<devices>", "<devices><!-- new -->");
    const lines = linesOf((await eventsOfInspection(planWithSecret(), other)).map(ofVm));
    assert.match(lines.join(), /its definition is another now/);
    for (const line of lines) assertNoDefinition(line);
  });

  for (const [name, xml] of Object.entries(broken)) {
    it(`say why a definition cannot be read, and do not quote it: ${name}`, async () => {
      const inspection = await eventsOfInspection(planWithSecret(), xml);
      const lines = linesOf([...inspection.map(ofVm), ...(await eventsOfSurvey(xml))]);
      assert.match(lines.join(), /"kind":"unexpected-answer"/);
      assert.match(lines.join(), /"kind":"vm-unreadable"/);
      for (const line of lines) assertNoDefinition(line);
    });
  }
});

function assertNoDefinition(line: string): void {
  assert.ok(!line.includes(secret), line);
  assert.doesNotMatch(line, /<graphics|passwd=/);
}
