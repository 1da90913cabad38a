import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settingsFor } from "../../lib/config/host-request.ts";
import type { HostSession } from "../../lib/fleet/host-session.ts";
import { planFate, type FateOptions } from "../../lib/fleet/plan-fate.ts";
import { BackupError, type FailureReason } from "../../lib/model/failure.ts";
import type { PlannedFate } from "../../lib/model/fleet-plan.ts";
import type { HostFacts, VmFacts } from "../../lib/model/vm.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";
import { buildHostRequest } from "../support/build-host-request.ts";
import {
  buildDisk,
  buildDomain,
  buildDomainXml,
  buildHostFacts,
  buildLayer,
  buildSnapshot,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const backupId = "20261123-012500-a1b2c3";
const overlay = `/var/lib/libvirt/images/vda.virtfold-${backupId}.qcow2`;
const onOverlay = buildVmFacts({
  domain: buildDomain({ disks: [buildDisk({ path: overlay })] }),
  chains: new Map([["vda", [buildLayer({ path: overlay }), buildLayer()]]]),
});
const unknown = (): never => assert.fail("A plan may not ask");

function fateOf(
  vm: VmFacts,
  changes: Partial<HostFacts> = {},
  { request, store }: Partial<FateOptions> = {},
): PlannedFate {
  const session: HostSession = {
    host: { name: "kvm1", destination: "kvm1", uri: "qemu:///system" },
    shell: { name: "kvm1", run: unknown, runAll: unknown, runScript: unknown, rest: unknown, close: unknown },
    copierFor: unknown,
    pusher: unknown,
    planCopy: ({ path }, { destination }) => ({ where: "here", command: ["rsync", path, destination] }),
    prepareTransfer: unknown,
    rest: unknown,
    close: unknown,
  };
  const here = { qemuImg: "7.2.22", rsync: "3.2.7" };
  const one = buildHostRequest();
  const wish = request ?? { settings: { sshConfig: undefined }, hosts: [one], newName: undefined };
  const facts = buildHostFacts([vm], changes);
  const item = { host: "kvm1", vm, facts, session, request: one, settings: settingsFor(one) };
  return planFate(item, { request: wish, here, store });
}

function refusalOf(work: () => unknown): FailureReason {
  try {
    work();
  } catch (error) {
    if (error instanceof BackupError) return error.reason;
    throw error;
  }
  return assert.fail("It was not refused");
}

describe("planFate()", () => {
  it("foresees a backup, and asks nobody", () => {
    const fate = fateOf(buildVmFacts());
    assert.ok(fate.kind === "back-up");
    assert.deepEqual(fate.backup.degradedBy, []);
    assert.equal(fate.backup.overlaySpace.length, 1);
  });

  it("foresees that a snapshot needs a file that is not in the backup", () => {
    const xml = `<domainsnapshot><name>one</name>${buildDomainXml(buildDomain({ disks: [buildDisk({ target: "vdq", path: "/gone.qcow2" })] }))}</domainsnapshot>`;
    const layer = buildLayer({ snapshotNames: ["one"] });
    const fate = fateOf(
      buildVmFacts({ chains: new Map([["vda", [layer]]]), snapshots: [buildSnapshot({ xml })] }),
    );
    assert.ok(fate.kind === "back-up");
    assert.deepEqual(
      fate.backup.degradedBy.map(({ kind }) => kind),
      ["snapshot-needs-file"],
    );
  });

  const restored: Readonly<Record<string, readonly [VmFacts, Partial<HostFacts>]>> = {
    "a dead guard without overlays": [buildVmFacts(), { guards: [buildGuardFacts()] }],
    "a dead guard and its overlay": [onOverlay, { guards: [buildGuardFacts()] }],
    "an overlay without a guard": [onOverlay, {}],
    "a guest that its overlay has paused": [
      { ...onOverlay, state: "paused", stateReason: "I/O error", activeJobs: ["vda"] },
      { guards: [buildGuardFacts({ state: "stuck" })] },
    ],
  };
  for (const [name, [vm, changes]] of Object.entries(restored)) {
    it(`restores ${name} first, and foresees the backup after that`, () => {
      const fate = fateOf(vm, changes);
      assert.ok(fate.kind === "restore-first");
      assert.equal(fate.backupId, backupId);
      assert.deepEqual(
        fate.backup?.plan.disks.map(({ layers }) => layers.map(({ path }) => path)),
        [["/var/lib/libvirt/images/web.qcow2"]],
      );
    });
  }

  it("foresees that a VM that is off is not known to have been shut down when it was restored first", () => {
    const off = { ...onOverlay, state: "shut-off" } as const;
    const expected = { unknown: "crash", shutdown: "offline" };
    for (const [stateReason, consistency] of Object.entries(expected)) {
      const fate = fateOf({ ...off, stateReason }, { guards: [buildGuardFacts()] });
      assert.ok(fate.kind === "restore-first");
      assert.equal(fate.backup?.consistency, consistency);
    }
    const alone = fateOf(buildVmFacts({ state: "shut-off", stateReason: "unknown" }));
    assert.ok(alone.kind === "back-up");
    assert.equal(alone.backup.consistency, "offline");
  });

  it("does not say what is backed up after a restore where it cannot be known", () => {
    const broken = { ...onOverlay, chains: new Map(), chainTroubles: new Map([["vda", "no such file"]]) };
    const fate = fateOf(broken, { guards: [buildGuardFacts()] });
    assert.deepEqual(fate, { kind: "restore-first", backupId, backup: undefined });
  });

  const refused: Readonly<Record<string, readonly [() => unknown, FailureReason["kind"]]>> = {
    "a VM that another backup holds": [
      () => fateOf(buildVmFacts(), { guards: [buildGuardFacts({ renewedSecondsAgo: 3 })] }),
      "guard-held",
    ],
    "a VM with an obstacle": [() => fateOf(buildVmFacts({ isPersistent: false })), "vm-obstacle"],
    "a VM that has one after its restore too": [
      () => fateOf({ ...onOverlay, isPersistent: false }, { guards: [buildGuardFacts()] }),
      "vm-obstacle",
    ],
    "an overlay of ours on what cannot be read": [
      () => fateOf({ ...onOverlay, chains: new Map() }),
      "vm-obstacle",
    ],
    "what does not fit into the store": [
      () => fateOf(buildVmFacts(), {}, { store: { directory: "/store", freeBytes: 1000 } }),
      "store-full",
    ],
  };
  for (const [name, [work, kind]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => assert.equal(refusalOf(work).kind, kind));
  }

  it("refuses an overlay of ours on an image that another VM depends on, and restores nothing first", () => {
    const users = [{ uuid: "ffffffff-1111-4222-8333-444455556666", name: "clone" }];
    const imageUsers = new Map([[buildLayer().identity, users]]);
    const refusal = refusalOf(() => fateOf(onOverlay, { imageUsers }));
    assert.ok(refusal.kind === "vm-obstacle");
    assert.equal(refusal.obstacle.kind, "own-overlay");
  });
});
