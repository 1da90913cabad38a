import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FleetPlan, PlannedVm } from "../../lib/model/fleet-plan.ts";
import type { DomainDisk } from "../../lib/model/vm.ts";
import { describePlannedCommand } from "../../lib/report/describe-planned-command.ts";
import { planDocument } from "../../lib/report/plan-document.ts";
import { planText } from "../../lib/report/plan-text.ts";
import {
  buildDisk,
  buildDomain,
  buildDomainXml,
  buildLayer,
  buildSnapshot,
  buildVmFacts,
} from "../support/build-vm-facts.ts";
import { buildFleetPlan, buildPlannedBackup, buildPlannedVm } from "../support/build-planned-vm.ts";

const name = `Ümläut & <Söhne> "it's"\n\u202e`;
const folder = "/images/it's a \u202edisk";
const path = `${folder}/web $1.qcow2`;
const skipped: readonly DomainDisk[] = [
  { kind: "skipped", target: "hdc", reason: "cdrom", path: undefined },
  { kind: "skipped", target: "vdz", reason: "shareable", path: "/shared\u001b[2J" },
];
const awkward = buildVmFacts({
  name,
  domain: buildDomain({ name, disks: [buildDisk({ path }), ...skipped], nvramPath: "/nvram/ä.fd" }),
  inactiveXml: buildDomainXml(
    buildDomain({
      name: "x",
      disks: [buildDisk({ path: path.replace("\u202e", "&#x202e;").replace("'", "&apos;") })],
    }),
  ),
  chains: new Map([["vda", [buildLayer({ path, snapshotNames: ['α "one"\u001b[2J'] })]]]),
  snapshots: [
    buildSnapshot({ name: 'α "one"\u001b[2J' }),
    buildSnapshot({ name: "ext", location: "external" }),
  ],
  freeBytes: new Map([[folder, 2 ** 34]]),
});
const web = buildPlannedVm();
const others: Readonly<Record<string, PlannedVm["fate"]>> = {
  left: { kind: "restore-first", backupId: "20261123-012500-a1b2c3\u001b[2J", backup: undefined },
  left2: { kind: "restore-first", backupId: "20261123-012500-a1b2c3", backup: buildPlannedBackup() },
  gone: { kind: "refused", reason: { kind: "vm-not-found", host: "kvm1", vm: name, known: [name, "web"] } },
};
const everything: FleetPlan = buildFleetPlan(
  [
    buildPlannedVm(buildPlannedBackup(awkward)),
    web,
    ...Object.entries(others).map(([vm, fate]): PlannedVm => ({ host: "kvm1", vm, fate })),
  ],
  {
    store: { directory: "/store\u001b[2J", freeBytes: 1 },
    failedHosts: [{ host: name, reason: { kind: "connection-lost", host: name, detail: "reset\u001b[2J" } }],
    isComplete: false,
  },
);

describe("planText()", () => {
  const text = planText(everything, { isVerbose: true });

  it("is harmless to a terminal, whatever hosts call things", () => {
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    assert.doesNotMatch(text, /undefined|\[object|NaN/);
  });

  it("has a row for each VM", () => {
    const rows = text
      .split("\n\n")[0]!
      .split("\n")
      .map((line) => line.replaceAll(/ {2,}/g, "|"));
    assert.equal(rows[0], "HOST|VM|WOULD BE|DISKS|TO COPY|SNAPSHOTS|CONSISTENCY");
    assert.match(rows[1]!, /\|degraded\|1 of 3\|192 KiB\|1\|filesystem$/);
    assert.equal(rows[2], "kvm1|web|backed up|1|192 KiB|-|filesystem");
    assert.match(rows[3]!, /^kvm1\|left\|restored first\|?$/);
    assert.match(rows[5]!, /^kvm1\|gone\|refused\|?$/);
  });

  it("says of each VM what would be copied, what not, and why", () => {
    for (const wanted of [
      /^kvm1\/web: running, file systems frozen by the guest agent \(connected\)$/m,
      /^ {2}vda {2}qcow2, 1\.0 GiB, 192 KiB allocated$/m,
      /^ {7}\/var\/lib\/libvirt\/images\/vda\.virtfold-20261123-012500-a1b2c3\.qcow2$/m,
      /^ {2}- Skipping hdc: it is a CD-ROM drive$/m,
      /^ {2}! Degraded: Skipping vdz \(\/shared \[2J\): it is shared with other VMs/m,
      /^ {2}! Degraded: External snapshot "ext" is not carried along/m,
      /^ {2}- With its internal snapshots: "α "one" \[2J"$/m,
      /^ {2}- With its nvram: \/nvram\/ä\.fd$/m,
      /^ {2}- Needs 192 KiB in the store$/m,
      /^ {2}- Room for overlays in ".*": 16\.0 GiB free, 64\.0 MiB wanted, 1\.0 GiB kept free$/m,
      /^ {2}! Backup 20261123-012500-a1b2c3 \[2J died and left something; that is restored first$/m,
      /^ {2}! Cannot find VM .*Name one of these$/m,
      /^! .*Lost the connection to host/m,
      /^! The store "\/store \[2J" has 1 B free, and all of this takes 576 KiB/m,
      /^4 of 5 VMs would be backed up, 1 of them degraded, 576 KiB to copy, 1 B free in "\/store \[2J", 1 host not reached, interrupted: not every host was asked, nothing was changed$/m,
    ])
      assert.match(text, wanted);
  });

  it("shows commands only when asked to", () => {
    assert.match(text, /^ {4}kvm1\$ virsh -c qemu:\/\/\/system snapshot-create-as .*hdc,snapshot=no/m);
    assert.match(text, /^ {4}here\$ rsync '.*\$1\.qcow2' '?\/store\//m);
    assert.match(text, /^ {4}kvm1\$ virsh -c qemu:\/\/\/system blockcommit .* --active --base .* --top /m);
    assert.doesNotMatch(planText(everything, { isVerbose: false }), /\$ (virsh|rsync)/);
  });

  it("tells at which rate a device's bytes would come, since no command says it", () => {
    const streams = { from: "/dev/vg/a", to: "/store/vda.raw", bytesPerSecond: 20 * 2 ** 20 };
    const line = (bytesPerSecond: number): string =>
      describePlannedCommand("kvm1", {
        ...{ where: "here", command: ["ssh", "kvm1"], streams: { ...streams, bytesPerSecond } },
      });
    assert.match(line(streams.bytesPerSecond), /stored as "\/store\/vda\.raw", at most 20\.0 MiB a second$/);
    assert.match(line(0), /stored as "\/store\/vda\.raw"$/);
  });

  it("stays within 80 columns where names are short", () => {
    const lines = planText(buildFleetPlan([web]), { isVerbose: false }).split("\n");
    assert.deepEqual(
      lines.filter((line) => line.length > 80 && !line.includes("/")),
      [],
    );
  });

  const expectations: Readonly<Record<string, readonly [PlannedVm, RegExp]>> = {
    "whose agent may answer": [
      buildPlannedVm(
        buildPlannedBackup(buildVmFacts({ domain: buildDomain({ agentConnected: undefined }) })),
      ),
      /frozen by the guest agent if it answers$/m,
    ],
    "without an agent": [
      buildPlannedVm(buildPlannedBackup(buildVmFacts({ domain: buildDomain({ agentConnected: false }) }))),
      /copied as after a power cut \(no guest agent\)$/m,
    ],
    "that is not to be frozen": [
      buildPlannedVm(buildPlannedBackup(buildVmFacts(), { quiesce: "never" })),
      /\(--quiesce never\)$/m,
    ],
    "that is shut off": [
      buildPlannedVm(buildPlannedBackup(buildVmFacts({ state: "shut-off" }))),
      /web: shut-off, copied as it lies$/m,
    ],
  };
  for (const [which, [vm, wanted]] of Object.entries(expectations)) {
    it(`says what is to be expected of a VM ${which}`, () => {
      assert.match(planText(buildFleetPlan([vm]), { isVerbose: true }), wanted);
    });
  }

  it("has no snapshot and no overlay for a VM that is shut off", () => {
    const off = buildPlannedVm(buildPlannedBackup(buildVmFacts({ state: "shut-off" })));
    assert.doesNotMatch(planText(buildFleetPlan([off]), { isVerbose: true }), /virsh|overlay|meanwhile/);
  });
});

describe("planDocument()", () => {
  it("is one JSON document that says the same", () => {
    const document: unknown = JSON.parse(planDocument(everything));
    const { vms, ...rest } = document as { readonly vms: readonly Readonly<Record<string, unknown>>[] };
    assert.deepEqual(Object.keys(rest), ["version", "isComplete", "store", "bytesToCopy", "failedHosts"]);
    assert.deepEqual(
      vms.map(({ result }) => result),
      ["back-up", "back-up", "restore-first", "restore-first", "refused"],
    );
    assert.equal(vms[0]?.["vm"], name);
    assert.match(String(vms[4]?.["text"]), /^Cannot find VM/);
  });

  it("tells no definition, which may hold a password", () => {
    assert.doesNotMatch(planDocument(everything), /<domain|inactiveXml/);
  });
});
