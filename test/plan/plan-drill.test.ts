import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { drillName, drillUuid, planDrill, type DrillOptions } from "../../lib/plan/plan-drill.ts";
import { buildStoredVm, buildStoredXml, buildTargetFacts, storedUuid } from "../support/build-stored-vm.ts";

const host = { name: "kvm2", destination: "kvm2", uri: "qemu:///system" };
const options: DrillOptions = {
  ...{
    expected: { kind: "agent" },
    timeoutSeconds: 60,
    imageFolder: undefined,
    leaseSeconds: 120,
    bytesPerSecond: 0,
  },
};
const attempt = {
  ...{ restoreId: "20261129-010203-abcdef", uuid: drillUuid(storedUuid) },
  ...{ generationId: "g", random: new Uint8Array(16) },
};
const agent = `
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
    </interface>
    <serial type='pty'>
      <target type='isa-serial' port='0'/>
    </serial>`;
type Found = Parameters<typeof planDrill>[0];
const vm = (devices: string, more = "") => {
  const originalXml = buildStoredXml(devices).replace("</domain>", `${more}</domain>`);
  return buildStoredVm({ originalXml });
};
const plan = (found: Partial<Found> = {}, changes: Partial<DrillOptions> = {}) =>
  planDrill(
    {
      ...{ host, stored: vm(agent), facts: buildTargetFacts() },
      sight: { kind: "seen", owner: "64055:109" },
      ...found,
    },
    { ...options, ...changes },
    attempt,
  );

describe("planDrill()", () => {
  it("lays an overlay on each image of the backup, and pushes nothing of them", () => {
    const { clone, way } = plan();
    assert.equal(clone.folder.path, "/images/drill-web.virtfold-20261129-010203-abcdef");
    assert.equal(clone.folder.stagedPath, clone.folder.path);
    assert.deepEqual(
      clone.files.map(({ stagedPath }) => stagedPath),
      clone.files.map(({ path }) => path),
    );
    assert.deepEqual(clone.files, []);
    assert.ok(way.kind === "overlay");
    assert.equal(way.overlays[0]?.path, `${clone.folder.path}/disk-0.overlay`);
    assert.match(clone.definition, /<source file='\S+disk-0\.overlay'><seclabel model='dac' relabel='no'\/>/);
    assert.match(clone.definition, /<link state='down'\/>/);
  });

  it("pushes the images where QEMU cannot read them", () => {
    const { clone, way } = plan({ sight: { kind: "unseen", why: "elsewhere" } });
    assert.deepEqual([way.kind, clone.files.map(({ hostName }) => hostName)], ["copy", ["vda.qcow2"]]);
    assert.doesNotMatch(clone.definition, /overlay|seclabel/);
  });

  it("needs room for all of it only for copies", () => {
    const facts = buildTargetFacts({ freeBytes: 300 * 2 ** 20 });
    const stored = vm(agent);
    const [disk] = stored.manifest.disks;
    const big = { ...disk!.layers[0]!, bytes: 2 ** 40, allocatedBytes: 2 ** 40 };
    const large = { ...stored, manifest: { ...stored.manifest, disks: [{ ...disk!, layers: [big] }] } };
    assert.equal(plan({ stored: large, facts }).clone.freeBytes, 300 * 2 ** 20);
    const misfit = (error: unknown): boolean =>
      error instanceof BackupError && error.reason.kind === "restore-misfit";
    assert.throws(() => plan({ stored: large, facts, sight: { kind: "unseen", why: "x" } }), misfit);
    assert.throws(() => plan({ facts: buildTargetFacts({ freeBytes: 2 ** 20 }) }), misfit);
  });

  it("refuses what could not show the sign, or could reach out", () => {
    const why = (found: Partial<Found>, changes: Partial<DrillOptions> = {}): string | undefined => {
      try {
        plan(found, changes);
      } catch (error) {
        if (error instanceof BackupError && error.reason.kind === "drill-impossible") return error.reason.why;
        throw error;
      }
      return undefined;
    };
    const serial = { expected: { kind: "serial", pattern: "x" } } as const;
    const args = "<qemu:commandline><qemu:arg value='-net'/></qemu:commandline>";
    assert.equal(why({ stored: vm("") }), "no-agent");
    assert.equal(why({ stored: vm("") }, { expected: { kind: "port", port: 22 } }), "no-agent");
    assert.equal(why({ stored: vm("") }, serial), "no-serial");
    assert.equal(why({ stored: vm(agent) }, serial), undefined);
    assert.equal(why({ stored: vm(agent, args) }), "qemu-arguments");
  });

  it("is not kept back by what a dead drill of the same VM left, but by anybody else's VM of that UUID", () => {
    const { uuid } = attempt;
    const left = { name: drillName("web", "20261128-010203-abcdef"), uuid };
    plan({ facts: buildTargetFacts({ vms: [left] }) });
    assert.throws(() => plan({ facts: buildTargetFacts({ vms: [{ name: "mine", uuid }] }) }), BackupError);
  });
});

describe("drillUuid()", () => {
  it("is the same for a VM each time, another one for each VM, and a UUID", () => {
    assert.equal(drillUuid(storedUuid), drillUuid(storedUuid.toUpperCase()));
    assert.notEqual(drillUuid(storedUuid), drillUuid("11111111-2222-4333-8444-555555555555"));
    assert.match(drillUuid(storedUuid), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("drillName()", () => {
  it("has the id in it and fits a file name, whatever the VM is called", () => {
    for (const name of ["web", `Ümläut & <Söhne> "it's"`, "../..", "x".repeat(300)]) {
      const text = drillName(name, attempt.restoreId);
      assert.match(text, /^drill-[A-Za-z0-9._-]+\.virtfold-20261129-010203-abcdef$/);
      assert.ok(text.length <= 100, text);
    }
  });
});
