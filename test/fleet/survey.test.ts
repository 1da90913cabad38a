// A survey of a host with many VMs: how often the host is asked, and that a VM's trouble stays its own.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { surveyHost } from "../../lib/fleet/survey.ts";
import type { HostFacts } from "../../lib/model/vm.ts";
import { buildDisk, buildDomain, buildDomainXml } from "../support/build-vm-facts.ts";
import { makeStubHost } from "../support/stub-host.ts";
import type { StubHost } from "../support/stub-host.ts";

const count = 150;
const options = { uri: "qemu:///system", overlayDirectoryOf: () => undefined };

describe("surveyHost()", () => {
  let host: StubHost;
  let facts: HostFacts;
  before(async () => {
    host = makeStubHost();
    for (let index = 0; index < count; index += 1) addVm(host, index);
    facts = await surveyHost(host.shell, options);
  });
  after(() => host?.remove());

  it("asks a host for all its VMs, with chains and snapshots, in three commands", () => {
    assert.equal(host.remoteCommands(), 3);
    assert.equal(facts.vms.length, count - 3);
    const vm = facts.vms.find(({ name }) => name === nameOf(9));
    assert.equal(vm?.state, "running");
    assert.deepEqual(
      vm?.chains.get("vda")?.map(({ path }) => path.replace(/^.*\//, "")),
      ["9-top.qcow2", "9-base.qcow2"],
    );
    assert.deepEqual(
      vm?.snapshots.map(({ name }) => name),
      ["before $(reboot)"],
    );
    assert.equal(vm?.currentSnapshot, "before $(reboot)");
    assert.deepEqual(vm?.checkpoints, ["nightly"]);
    assert.equal(facts.versions.libvirt, "9.0.0");
    assert.equal(facts.versions.rsync, "3.2.7");
  });

  it("sends what it asks as text, so that it may be longer than an argument", () => {
    assert.ok(host.longestScript() > 128 * 1024, `${host.longestScript()} bytes`);
  });

  it("tells of a VM that cannot be read, and leaves out one that went away", () => {
    assert.deepEqual(
      facts.unreadable.map(({ uuid, detail }) => [uuid, detail]),
      [
        [uuidOf(3), "virsh dumpxml failed: error: no dumpxml of this VM"],
        [
          uuidOf(5),
          'virsh snapshot-dumpxml of snapshot "before $(reboot)" failed: error: no snapshot-dumpxml of this VM',
        ],
      ],
    );
    assert.ok(!facts.vms.some(({ uuid }) => uuid === uuidOf(4)));
  });

  it("asks for one VM in as many, and for nothing of the others", async () => {
    const before = host.remoteCommands();
    const startsBefore = host.virshStarts();
    const one = await surveyHost(host.shell, { ...options, uuids: [uuidOf(9)] });
    assert.equal(host.remoteCommands() - before, 3);
    // Version, list, probe, all of its definition, its disk's job, its snapshot, which one is current.
    assert.equal(host.virshStarts() - startsBefore, 7);
    assert.deepEqual(
      one.vms.map(({ name }) => name),
      [nameOf(9)],
    );
    assert.deepEqual(one.unreadable, []);
  });

  it("looks for room where the overlays of each VM go", async () => {
    const overlayDirectoryOf = (vm?: string): string => (vm === nameOf(9) ? "/" : "/tmp");
    const both = await surveyHost(host.shell, {
      ...options,
      overlayDirectoryOf,
      uuids: [uuidOf(8), uuidOf(9)],
    });
    const folders = both.vms.map(({ freeBytes }) => [...freeBytes.keys()]);
    assert.deepEqual(folders, [["/tmp"], ["/"]]);
  });
});

/** Some lack an answer: 3 has no definition, 4 has gone, 5 has a snapshot that cannot be read. */
function addVm(host: StubHost, index: number): void {
  const base = host.makeImage(`${index}-base.qcow2`, (path) => [info(path)]);
  const top = host.makeImage(`${index}-top.qcow2`, (path) => [
    {
      ...info(path),
      "full-backing-filename": base,
      "backing-filename": base,
      "backing-filename-format": "qcow2",
    },
    info(base),
  ]);
  const xml = buildDomainXml(
    buildDomain({ uuid: uuidOf(index), name: nameOf(index), disks: [buildDisk({ path: top })] }),
  );
  const snapshot = "before $(reboot)";
  const answers = {
    domstate: "running (booted)\n",
    dominfo: "Persistent:     yes\nAutostart:      disable\nManaged save:   no\n",
    dumpxml: xml,
    "dumpxml --inactive": xml,
    "snapshot-list": `${snapshot}\n`,
    "snapshot-current": `${snapshot}\n`,
    [`snapshot-dumpxml --snapshotname=${snapshot}`]: `<domainsnapshot><name>${snapshot}</name><state>shutoff</state><disks><disk name='vda' snapshot='internal'/></disks>${xml}</domainsnapshot>`,
    "checkpoint-list": "nightly\n",
  };
  const missing = { 3: "dumpxml", 4: "domstate", 5: `snapshot-dumpxml --snapshotname=${snapshot}` }[index];
  host.addVm({
    uuid: uuidOf(index),
    answers: Object.fromEntries(Object.entries(answers).filter(([verb]) => verb !== missing)),
  });
}

function info(filename: string): object {
  return { filename, format: "qcow2", "virtual-size": 2 ** 30, "actual-size": 4096 };
}

function uuidOf(index: number): string {
  return `0f5f7a2e-1111-4222-8333-${String(index).padStart(12, "0")}`;
}

function nameOf(index: number): string {
  return `a guest with a rather long name, number ${index}`;
}
