import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { refuseStrayDevices, storedDevices } from "../../lib/plan/stored-devices.ts";
import { buildManifest, buildStoredVm } from "../support/build-stored-vm.ts";

const path = "/dev/vg/web";
const onDevice = (): ReturnType<typeof buildStoredVm> => {
  const manifest = buildManifest();
  const disks = manifest.disks.map((disk) => ({
    ...{ ...disk, source: { path, kind: "block" as const } },
    layers: disk.layers.map((layer) => ({ ...layer, sourcePath: path })),
  }));
  return buildStoredVm({ manifest: { ...manifest, disks } });
};

describe("refuseStrayDevices()", () => {
  it("takes the devices of the backup, and no other", () => {
    refuseStrayDevices(onDevice(), [path, path]);
    for (const stray of ["/dev/vg/web2", "/dev/vg/web/", "/dev/dm-3"])
      assert.throws(
        () => refuseStrayDevices(onDevice(), [path, stray]),
        (error) =>
          error instanceof BackupError && error.reason.kind === "usage" && error.reason.hint.includes(path),
      );
    assert.throws(() => refuseStrayDevices(buildStoredVm(), ["/images/web.qcow2"]), BackupError);
  });

  it("knows a device by the disk's own image", () => {
    assert.deepEqual(storedDevices(onDevice()), [{ target: "vda", path, bytes: 1000 }]);
    assert.deepEqual(storedDevices(buildStoredVm()), []);
  });
});
