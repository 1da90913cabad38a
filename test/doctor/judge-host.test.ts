import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeHost } from "../../lib/doctor/judge-host.ts";
import type { HostCheckup, Surveyed } from "../../lib/doctor/host-checkup.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";
import { buildHostCheckup, buildReadiness, buildSurveyed } from "../support/build-host-checkup.ts";
import { buildHostRequest } from "../support/build-host-request.ts";
import {
  buildDisk,
  buildDomain,
  buildTpm,
  buildHostFacts,
  buildLayer,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

/** What is not as it should be, as text to be compared. */
function troubles(checkup: HostCheckup): readonly string[] {
  return judgeHost(checkup)
    .filter(({ severity }) => severity !== "ok")
    .map(({ place, severity, needsPerson, finding }) => {
      const where = place.kind === "vm" ? place.vm : place.kind;
      const what =
        finding.kind === "obstacle"
          ? finding.obstacle.kind
          : finding.kind === "left-over"
            ? finding.recovery.kind
            : finding.kind === "agent"
              ? finding.state
              : finding.kind === "failed"
                ? finding.reason.kind
                : finding.kind;
      return `${where} ${severity} ${what}${needsPerson ? " person" : ""}`;
    });
}
const ofVm = (vm: VmFacts, changes: Partial<Surveyed> = {}): readonly string[] =>
  troubles(buildHostCheckup({ surveyed: buildSurveyed([vm], changes) }));
const ours = "/var/lib/libvirt/images/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const onOurs = buildVmFacts({
  domain: buildDomain({ disks: [buildDisk({ path: ours })] }),
  chains: new Map([["vda", [buildLayer({ path: ours, identity: "file 1:3" }), buildLayer()]]]),
});

describe("judgeHost()", () => {
  it("finds nothing wrong with a sound host, and says which VMs are ready", () => {
    assert.deepEqual(troubles(buildHostCheckup()), []);
    const kinds = judgeHost(buildHostCheckup()).map(({ finding }) => finding.kind);
    assert.deepEqual(kinds, [
      ...["reached", "data-path", "guard-folder", "versions", "confinement", "vms-found"],
      ...["vm-ready", "agent"],
    ]);
  });

  it("goes on past a host that cannot be reached, or whose libvirt cannot be asked", () => {
    const unreached = { readiness: undefined, dataPath: undefined, surveyed: undefined };
    const reason = { kind: "connection-lost", host: "kvm1", detail: "" } as const;
    assert.deepEqual(troubles(buildHostCheckup({ ...unreached, failures: [reason] })), [
      "host problem connection-lost",
    ]);
    const denied = { kind: "libvirt-unreachable", host: "kvm1", uri: "qemu:///system", detail: "" } as const;
    assert.deepEqual(
      troubles(
        buildHostCheckup({
          ...{ failures: [denied], surveyed: undefined, dataPath: undefined },
          readiness: buildReadiness({ missingTools: ["flock"], endsSessions: true }),
        }),
      ),
      ["host problem tools-missing", "host warning session-ends", "host problem libvirt-unreachable"],
    );
  });

  it("finds a folder for guards that cannot be used, or is full, and a data path that is closed", () => {
    const folder = { folder: "/x", trouble: "/ is read-only", freeBytes: 2 ** 34 };
    const full = { folder: "/x", trouble: undefined, freeBytes: 2 ** 20 };
    const checked = (guardFolder: typeof folder | typeof full): readonly string[] =>
      troubles(buildHostCheckup({ readiness: buildReadiness({ guardFolder }) }));
    assert.deepEqual(checked(folder), ["host problem guard-folder"]);
    assert.deepEqual(checked(full), ["host warning guard-folder"]);
    const dataPath = { isOpen: false, detail: "sudo: a password is required" };
    assert.deepEqual(troubles(buildHostCheckup({ dataPath })), ["host problem data-path"]);
  });

  it("finds what a scratch VM came to, for a person when something of it is left", () => {
    const canary = { left: [], command: "sh x", seconds: 1 };
    const failed = { ...canary, step: "take-snapshot", detail: "denied" } as const;
    const left = [{ action: "end-created", detail: "libvirt does not answer" }];
    const tried = (came: HostCheckup["canary"]): readonly string[] =>
      troubles(buildHostCheckup({ canary: came }));
    assert.deepEqual(tried(canary), []);
    assert.deepEqual(tried(failed), ["host problem canary"]);
    assert.deepEqual(tried({ ...canary, left }), ["host problem canary person"]);
  });

  it("finds VMs that are not there or cannot be read, but not those that another host may have", () => {
    const facts = buildHostFacts([], { unreadable: [{ uuid: "1", name: "odd", detail: "" }] });
    const wishes = [
      { text: "odd", sharedTarget: undefined },
      { text: "gone", sharedTarget: undefined },
      { text: "there", sharedTarget: "all/there" },
      { text: "elsewhere", sharedTarget: undefined, mayBeMissing: true },
    ];
    const surveyed = buildSurveyed([], {
      facts: { ...facts, versions: buildSurveyed().facts.versions },
    });
    const request = buildHostRequest({ vms: wishes });
    assert.deepEqual(troubles(buildHostCheckup({ request, surveyed })), [
      "host problem vm-not-found",
      "host problem vm-unreadable",
    ]);
  });
});

describe("judgeHost() of a VM", () => {
  it("tells of everything that stands in the way of its backup", () => {
    const vm = buildVmFacts({ isPersistent: false, freeBytes: new Map(), chains: new Map() });
    assert.deepEqual(ofVm(vm), [
      "web problem transient-domain",
      "web problem unreadable-image",
      "web problem no-overlay-folder",
    ]);
  });

  it("says of disks that differ from the definition that they do, and not what follows from it", () => {
    const other = buildDomain({ disks: [buildDisk({ path: "/images/other.qcow2" })] });
    assert.deepEqual(ofVm(buildVmFacts({ inactiveDomain: other })), ["web problem definition-differs"]);
  });

  it("finds a pause by an I/O error once, and for a person", () => {
    assert.deepEqual(ofVm(buildVmFacts({ state: "paused", stateReason: "I/O error" })), [
      "web problem paused-guest person",
    ]);
  });

  it("tells an overlay of ours from one of another tool", () => {
    assert.deepEqual(ofVm(onOurs), ["web warning adopt"]);
    const foreign = buildVmFacts({
      domain: buildDomain({ disks: [buildDisk({ path: "/var/lib/libvirt/images/web.snap1" })] }),
      chains: new Map([["vda", [buildLayer({ path: "/var/lib/libvirt/images/web.snap1" }), buildLayer()]]]),
    });
    assert.deepEqual(ofVm(foreign), ["web warning vm-warning"]);
  });

  it("leaves to a guard what is a guard's, by whether it is at work, dead or stuck", () => {
    const withGuard = (changes: Parameters<typeof buildGuardFacts>[0]): readonly string[] => {
      const facts = { ...buildSurveyed([onOurs]).facts, guards: [buildGuardFacts(changes)] };
      return troubles(buildHostCheckup({ surveyed: buildSurveyed([onOurs], { facts }) }));
    };
    assert.deepEqual(withGuard({ renewedSecondsAgo: 1 }), ["web note held"]);
    assert.deepEqual(withGuard({}), ["web warning restore"]);
    assert.deepEqual(withGuard({ state: "stuck" }), ["web problem restore person"]);
  });

  it("finds what the login may not do with its files, and what its backup would miss", () => {
    const skipped = { kind: "skipped", target: "vdz", reason: "shareable", path: "/shared" } as const;
    const vm = buildVmFacts({
      domain: buildDomain({
        nvramPath: "/nvram/web.fd",
        tpm: buildTpm({ ownPlace: { folder: undefined } }),
        disks: [buildDisk(), skipped],
      }),
    });
    const closedFolders = new Set(["/var/lib/libvirt/images"]);
    // What is copied beside the disks is in the definition's text, too.
    const inactiveXml = vm.inactiveXml.replace("<devices>", "<os><nvram>/nvram/web.fd</nvram></os><devices>");
    assert.deepEqual(
      ofVm({ ...vm, inactiveXml }, { unreadableFiles: new Set(["/nvram/web.fd"]), closedFolders }),
      [
        "web problem unreadable-files",
        "web problem closed-folder",
        "web warning degraded",
        "web warning degraded",
      ],
    );
  });

  it("finds a state of a TPM that the login cannot read, where there must be one", () => {
    const domain = buildDomain({ tpm: buildTpm(), hasAgentChannel: false });
    const unreadableFiles = new Set([`/var/lib/libvirt/swtpm/${domain.uuid}/tpm2/tpm2-00.permall`]);
    const of = (state: "running" | "shut-off"): readonly string[] =>
      ofVm(buildVmFacts({ domain, state }), { unreadableFiles });
    assert.deepEqual(of("running"), ["web warning degraded", "web note no-channel"]);
    assert.deepEqual(of("shut-off"), []);
  });

  it("says what its guest agent does, where one could be of use", () => {
    const agent = (domain: Parameters<typeof buildDomain>[0], answer: boolean | undefined) =>
      ofVm(buildVmFacts({ domain: buildDomain(domain) }), {
        doesAgentAnswer: answer === undefined ? new Map() : new Map([[buildDomain().uuid, answer]]),
      });
    assert.deepEqual(agent({}, true), []);
    assert.deepEqual(agent({}, false), ["web warning silent"]);
    assert.deepEqual(agent({ agentConnected: false }, undefined), ["web note not-connected"]);
    assert.deepEqual(agent({ agentConnected: undefined }, false), ["web note not-connected"]);
    assert.deepEqual(agent({ hasAgentChannel: false }, undefined), ["web note no-channel"]);
    assert.deepEqual(
      ofVm(buildVmFacts({ state: "shut-off", domain: buildDomain({ hasAgentChannel: false }) })),
      [],
    );
    const never = buildHostRequest({ before: [{ quiesce: "never" }] });
    const silent = buildSurveyed([buildVmFacts()], { doesAgentAnswer: new Map() });
    assert.deepEqual(troubles(buildHostCheckup({ request: never, surveyed: silent })), []);
  });
});
