import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { lookAgain } from "../../lib/fleet/look-again.ts";
import { recoverVm } from "../../lib/fleet/recover-vm.ts";
import { buildDisk, buildDomain, buildDomainXml } from "../support/build-vm-facts.ts";
import { makeStubHost } from "../support/stub-host.ts";

const stub = makeStubHost();
after(() => stub.remove());
const info = { format: "qcow2", "virtual-size": 2 ** 30, "actual-size": 4096 };
const base = stub.makeImage("base.qcow2", (filename) => [{ ...info, filename }]);
const overlay = stub.makeImage("vda.virtfold-20261123-012500-a1b2c3.qcow2", (filename) => [
  {
    ...{ ...info, filename, "backing-filename": base },
    ...{ "full-backing-filename": base, "backing-filename-format": "qcow2" },
  },
  { ...info, filename: base },
]);
const domain = buildDomain({ disks: [buildDisk({ path: overlay })] });
const { uuid, name } = domain;
const xml = buildDomainXml(domain);
stub.addVm({
  uuid,
  answers: {
    domstate: "running (booted)\n",
    dominfo: "Persistent:     yes\nAutostart:      disable\nManaged save:   no\n",
    ...{ dumpxml: xml, "dumpxml --inactive": xml, "snapshot-list": "\n" },
  },
});
const shell = {
  ...stub.shell,
  run: () => assert.fail("It must not be asked for anything else"),
  runScript: () => assert.fail("No guard may be armed"),
  close: () => assert.fail("It is still needed"),
};
const identityOf = async (path: string): Promise<string> =>
  `file ${(await stub.shell.run(["stat", "-c", "%d:%i", path])).stdout.trim()}`;

describe("lookAgain()", () => {
  it("knows from the survey of all VMs that another one depends on the base, so that nothing is folded into it", async () => {
    const host = { name: "kvm1", destination: "kvm1", uri: "qemu:///system" };
    const clone = { uuid: "ffffffff-1111-4222-8333-444455556666", name: "clone" };
    const imageUsers = new Map([[await identityOf(base), [{ uuid, name }, clone]]]);
    const vm = { uuid, name };
    const session = { host, shell };
    const facts = await lookAgain({
      ...{ session, vm, settings: { overlayDirectory: undefined }, facts: { imageUsers } },
    });
    assert.deepEqual(
      facts.vms[0]?.chains.get("vda")?.map(({ identity }) => identity),
      [await identityOf(overlay), await identityOf(base)],
    );
    const isRestored = await recoverVm(shell, { host, facts, vm }, () => assert.fail("Nothing is restored"));
    assert.equal(isRestored, false);
  });
});
