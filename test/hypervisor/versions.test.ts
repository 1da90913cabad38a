import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  isAtLeast,
  parseQemuImgVersion,
  parseRsyncVersion,
  parseVirshVersion,
  versionNumbers,
} from "../../lib/hypervisor/versions.ts";

describe("versions", () => {
  it("are read from virsh", () => {
    const text =
      "Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.1\nUsing API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\n\n";
    assert.deepEqual(parseVirshVersion(text), { libvirt: "9.0.1", qemu: "7.2.22" });
    assert.deepEqual(parseVirshVersion("error: failed to connect\n"), {
      libvirt: undefined,
      qemu: undefined,
    });
    const noQemu = "Using library: libvirt 1.2.9\nCannot extract running QEMU hypervisor version\n";
    assert.deepEqual(parseVirshVersion(noQemu), { libvirt: "1.2.9", qemu: undefined });
  });

  it("are read from qemu-img and rsync", () => {
    assert.equal(
      parseQemuImgVersion("qemu-img version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)\nCopyright (c)\n"),
      "7.2.22",
    );
    assert.equal(
      parseQemuImgVersion("qemu-img version 2.1.2, Copyright (c) 2004-2008\nusage: qemu-img\n"),
      "2.1.2",
    );
    assert.equal(parseQemuImgVersion("bash: qemu-img: command not found"), undefined);
    assert.equal(parseRsyncVersion("rsync  version 3.2.3  protocol version 31\nCopyright"), "3.2.3");
    assert.equal(parseRsyncVersion("rsync  version v3.4.1pre1  protocol version 32"), "3.4.1");
    assert.equal(parseRsyncVersion("openrsync: protocol version 29"), undefined);
  });

  it("are compared by their numbers", () => {
    assert.deepEqual(versionNumbers("10.0.2-rc1"), [10, 0, 2]);
    assert.deepEqual(versionNumbers("unknown"), []);
    for (const [version, wanted, expected] of [
      ["5.1", [5, 1], true],
      ["5.1.0", [5, 1], true],
      ["5.0.9", [5, 1], false],
      ["10.0", [5, 1], true],
      ["5", [5, 0], true],
      ["5", [5, 0, 1], false],
      ["2.10", [2, 9], true],
      ["", [0], false],
      [undefined, [0], false],
    ] as const) {
      assert.equal(isAtLeast(version, wanted), expected, version);
    }
  });
});
