import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pushCommand } from "../../lib/transfer/push-command.ts";
import type { TransferLink } from "../../lib/transfer/transfer-link.ts";

const link: TransferLink = {
  host: { name: "kvm1", destination: "root@kvm1", uri: "qemu:///system" },
  ssh: ["ssh", "-T"],
  environment: {},
  hasRsync: true,
  pauses: [],
  canFillSparsely: true,
  canBoundMemory: true,
};
const file = { localPath: "/store/vda.qcow2", hostPath: "/images/it's [a] ü/vda.qcow2" };

describe("pushCommand()", () => {
  it("writes one file straight where it goes, and creates nothing else", () => {
    assert.deepEqual(pushCommand(file, link), [
      ..."rsync -s -I --inplace --sparse --no-inc-recursive --max-alloc=1g --timeout=120 --no-h".split(" "),
      ..."--info=progress2,name0 --outbuf=L -e".split(" "),
      ...["ssh -T", "--", "/store/vda.qcow2", String.raw`root@kvm1:/images/it's \[a] ü/vda.qcow2`],
    ]);
  });

  it("asks old ends for nothing that they do not know, and root's end by sudo", () => {
    const old = { ...link, canFillSparsely: false, canBoundMemory: false };
    const command = pushCommand(file, { ...old, host: { ...link.host, sudo: true } });
    assert.ok(!command.includes("--sparse") && !command.includes("--max-alloc=1g"));
    assert.ok(command.includes("--rsync-path=sudo -n rsync"));
  });
});
