import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SourceKind } from "../../lib/model/vm.ts";
import { copyMethod, pullCommand, streamCommand } from "../../lib/transfer/copy-command.ts";
import { localFarEnd, sshFarEnd } from "../../lib/transfer/far-end.ts";
import type { TransferLink } from "../../lib/transfer/transfer-link.ts";

const host = { name: "kvm1", destination: "me@kvm1", uri: "qemu:///system", sudo: true };
const link: TransferLink = {
  host,
  farEnd: sshFarEnd(host, ["ssh", "-T"]),
  environment: {},
  hasRsync: true,
  pauses: [],
  bytesPerSecond: 0,
  canFillSparsely: false,
  canBoundMemory: false,
};

describe("copyMethod()", () => {
  const cases: readonly [path: string, source: SourceKind, hasRsync: boolean, method: string][] = [
    ["/images/it's wëb.qcow2", "file", true, "rsync-direct"],
    ["/images/web.qcow2", "file", false, "stream-direct"],
    ["/dev/vg/web", "block", true, "stream-direct"],
    ["/images/a*b\\c.qcow2", "file", true, "stream-direct"],
  ];
  for (const [path, source, hasRsync, method] of cases) {
    it(`takes ${method} for the ${source} ${path} ${hasRsync ? "with" : "without"} rsync`, () => {
      assert.equal(copyMethod(path, source, { ...link, hasRsync }), method);
    });
  }
});

describe("pullCommand()", () => {
  it("brings one file from the host to one place", () => {
    const command = pullCommand({ path: "/images/a b", destination: "/store/vda.raw" }, link);
    assert.deepEqual(command.slice(-3), ["--", "me@kvm1:/images/a b", "/store/vda.raw"]);
    assert.ok(command.includes("--rsync-path=sudo -n rsync"));
  });

  it("keeps to the link's rate", () => {
    const ends = { path: "/images/a", destination: "/store/vda.raw" };
    const limited = pullCommand(ends, { ...link, bytesPerSecond: 2 ** 20 });
    assert.ok(limited.includes("--bwlimit=1024"));
  });

  it("starts the sending end here where this machine is the host, and only that one as root", () => {
    const local = { ...link, farEnd: localFarEnd({ sudo: true }) };
    const command = pullCommand({ path: "/images/a b", destination: "/store/vda.raw" }, local);
    assert.deepEqual(command.slice(-5), [
      ...["-e", 'sh -c "shift; exec sudo -n ""$@""" sh', "--"],
      ...["localhost:/images/a b", "/store/vda.raw"],
    ]);
    assert.equal(command[0], "rsync");
    assert.ok(!command.some((word) => word.startsWith("--rsync-path")));
  });
});

describe("streamCommand()", () => {
  it("is a shell of this machine where that is the host", () => {
    const command = (sudo: boolean): readonly string[] => streamCommand({ farEnd: localFarEnd({ sudo }) });
    assert.deepEqual(command(false), ["sh", "-c", "exec sh -s"]);
    assert.deepEqual(command(true), ["sh", "-c", "exec sudo -n sh -s"]);
  });

  it("names no path: what is to be read travels on standard input", () => {
    assert.deepEqual(streamCommand(link), ["ssh", "-T", "--", "me@kvm1", "exec sudo -n sh -s"]);
  });
});
