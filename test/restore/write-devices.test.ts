// What happens around the moment from which the former content of a device is lost.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandResult, Guard } from "../../lib/backup/ports.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { Misfit } from "../../lib/model/misfit.ts";
import type { RestoredFile, RestoreEvent, RestorePlan } from "../../lib/model/restore.ts";
import type { VerifiedImages } from "../../lib/restore/3-verify-images.ts";
import { writeDevices } from "../../lib/restore/4-write-devices.ts";
import type { DevicePush, RestorePorts } from "../../lib/restore/ports.ts";

const path = "/dev/vg/web";
const sha256 = "a".repeat(64);
const image: RestoredFile = {
  ...{ target: "vda", role: "disk", localPath: "/store/vda.raw", hostName: "web", path, stagedPath: path },
  ...{ device: "253:3", backing: undefined, bytes: 1000, allocatedBytes: 1000, sha256, format: "raw" },
  access: undefined,
};
const second: RestoredFile = {
  ...image,
  ...{
    target: "vdb",
    localPath: "/store/vdb.raw",
    path: "/dev/vg/two",
    stagedPath: "/dev/vg/two",
    device: "253:4",
  },
};
const file: RestoredFile = {
  ...image,
  path: "/images/x",
  stagedPath: "/images/x.restoring",
  device: undefined,
};

interface Given {
  readonly files?: readonly RestoredFile[];
  readonly stored?: string;
  readonly found?: string;
  readonly misfits?: readonly Misfit[];
  readonly names?: string;
}

/** What was done, in order. */
async function carryOut({
  files = [image],
  stored = sha256,
  found = sha256,
  misfits = [],
  names = "db\n",
}: Given) {
  const done: string[] = [];
  const events: RestoreEvent[] = [];
  const ok = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: "" });
  const plan = {
    ...{ host: { name: "kvm1", uri: "qemu:///system" }, vm: { name: "web", uuid: "u" }, files },
    original: { startsWithHost: false, replaced: undefined },
  } as unknown as RestorePlan;
  const ports: Partial<RestorePorts> = {
    shell: {
      run: async (command: readonly string[]) => {
        const isSum = command.some((word) => word.includes("sha256sum"));
        done.push(isSum ? `compare ${command.at(-2)}, ${command.at(-1)} bytes` : (command[0] ?? ""));
        return ok(isSum ? `${found}  -\n` : '{"virtual-size": 1000, "format": "raw", "filename": "x"}');
      },
      runAll: async () => (done.push("look for newcomers"), [{ ...ok(""), code: 1 }, ok(names)]),
    } as unknown as RestorePorts["shell"],
    pusher: {
      pushFile: () => assert.fail("a file is pushed"),
      pushToDevice: async (push: DevicePush) => {
        // Once more after a link that broke.
        push.onOpen();
        push.onOpen();
        done.push(`write ${push.writer("mark").join(" ")}`);
      },
    },
    hashStored: async (one) => (done.push(`read ${one}`), stored),
    lookAtDevices: async () => (done.push("look at devices"), misfits),
    emit: (event) => void events.push(event),
    ...{ signal: new AbortController().signal, now: () => new Date(0) },
  };
  const guard = {
    deviceWriter: (device: { path: string; number: string; marker: string }) => [
      "guard",
      ...Object.values(device),
    ],
  } as unknown as Guard;
  let reason: BackupError["reason"] | undefined;
  try {
    await writeDevices(plan, { guard, images: {} as VerifiedImages }, ports as RestorePorts);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    ({ reason } = error);
  }
  return { done, reason, events };
}

describe("writeDevices()", () => {
  it("does nothing at all for a VM that was on none", async () => {
    assert.deepEqual(await carryOut({ files: [file] }), { done: [], reason: undefined, events: [] });
  });

  it("reads all copies and looks once more, then writes and compares one device after the other", async () => {
    const { done, reason, events } = await carryOut({ files: [image, second] });
    assert.equal(reason, undefined);
    assert.deepEqual(done, [
      ...["read /store/vda.raw", "read /store/vdb.raw", "look for newcomers", "look at devices"],
      ...[`write guard ${path} 253:3 mark`, `compare ${path}, 1000 bytes`, "qemu-img"],
      ...["write guard /dev/vg/two 253:4 mark", "compare /dev/vg/two, 1000 bytes", "qemu-img"],
    ]);
    assert.deepEqual(
      events.map(({ kind }) => kind).filter((kind) => kind.startsWith("device")),
      ["device-opened", "device-verified", "device-opened", "device-verified"],
    );
  });

  const lost: Readonly<Record<string, readonly [Given, string]>> = {
    "a copy that is damaged in the store": [{ stored: "b".repeat(64) }, "arrived-damaged"],
    "a VM of its name that has come": [{ names: "web\n" }, "vm-changed"],
    "a device that is in use by now": [{ misfits: [{ kind: "device-read-only", path }] }, "restore-misfit"],
  };
  for (const [what, [given, kind]] of Object.entries(lost))
    it(`writes nothing for ${what}`, async () => {
      const { done, reason, events } = await carryOut(given);
      assert.equal(reason?.kind, kind);
      assert.ok(!done.some((one) => one.startsWith("write")), done.join());
      assert.deepEqual(events, []);
    });

  it("does not call it well when the device holds something else afterwards", async () => {
    const { reason } = await carryOut({ found: "b".repeat(64) });
    assert.deepEqual(reason, { kind: "arrived-damaged", host: "kvm1", path, isDamagedInStore: false });
  });
});
