import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { localFarEnd, sshFarEnd } from "../../lib/transfer/far-end.ts";
import { pushCommand } from "../../lib/transfer/push-command.ts";
import type { TransferLink } from "../../lib/transfer/transfer-link.ts";

const host = { name: "kvm1", destination: "root@kvm1", uri: "qemu:///system" };
const link: TransferLink = {
  host,
  farEnd: sshFarEnd(host, ["ssh", "-T"]),
  environment: {},
  hasRsync: true,
  pauses: [],
  bytesPerSecond: 0,
  canFillSparsely: true,
  canBoundMemory: true,
};
const file = { localPath: "/store/vda.qcow2", hostPath: "/images/it's [a] ü/vda.qcow2" };

describe("pushCommand()", () => {
  it("writes one file straight where it goes, and creates nothing else", () => {
    assert.deepEqual(pushCommand(file, link), [
      ..."rsync -s -I --inplace --sparse --no-inc-recursive --max-alloc=1g --timeout=120 --no-h".split(" "),
      ..."--info=progress2,name0 --outbuf=L -e".split(" "),
      ...["ssh -T", "--", "/store/vda.qcow2", "root@kvm1:/images/it's \\[a] ü/vda.qcow2"],
    ]);
  });

  it("starts the receiving end here where this machine is the host, and only that one as root", () => {
    const command = pushCommand(file, { ...link, farEnd: localFarEnd({ sudo: true }) });
    assert.ok(command.includes('sh -c "shift; exec sudo -n ""$@""" sh'));
    assert.ok(!command.some((word) => word.startsWith("--rsync-path")));
  });

  it("keeps to a rate", () => {
    assert.ok(pushCommand(file, { ...link, bytesPerSecond: 3 * 2 ** 20 }).includes("--bwlimit=3072"));
  });

  it("asks old ends for nothing that they do not know, and root's end by sudo", () => {
    const old = { ...link, canFillSparsely: false, canBoundMemory: false };
    const command = pushCommand(file, { ...old, farEnd: sshFarEnd({ ...host, sudo: true }, ["ssh"]) });
    assert.ok(!command.includes("--sparse") && !command.includes("--max-alloc=1g"));
    assert.ok(command.includes("--rsync-path=sudo -n rsync"));
  });
});
