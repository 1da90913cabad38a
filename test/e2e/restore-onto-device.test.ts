// `restore --as-original --overwrite-device` on a real hypervisor: a VM comes back onto the block device that it was on, and
// onto none that anything else uses; whatever dies, there is all of the VM or nothing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LabHost } from "../lab/lab-host.ts";
import { newestBackup } from "../lab/restore-by-hand.ts";
import { waitUntil } from "../lab/wait-until.ts";
import {
  fillWithGarbage,
  makeHostDevice,
  removeHostDevice,
  sumOfDevice,
  type HostDevice,
} from "./support/host-device.ts";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { isThorough, thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const name = "on-device";
const file = `/srv/${name}/${name}.raw`;
const subject = subjectVm(name, {
  running: false,
  disks: [{ target: "vda", path: file, format: "raw", sizeMib: 64, payloadMib: 2 }],
});
const imageBytes = 64 * 1024 * 1024;

describe("restore --overwrite-device", { skip, timeout: 600_000 }, () => {
  let test: TestHost;
  let host: LabHost;
  let scratch: ScratchFolder;
  let store: string;
  let device: HostDevice;
  let definition: string;
  let backedUp: string;
  const overwrite = ["--overwrite-device", `/dev/lab/${name}`];
  const argumentsFor = (...more: readonly string[]): readonly string[] => [
    ...[`hv1/${name}`, "--store", store, "--ssh-config", test.lab.sshConfig],
    ...["--as-original", "--verbose", "--lease", "6", ...more],
  ];
  const restore = (...more: readonly string[]): Promise<RunEnd> =>
    runBackup(argumentsFor(...more), { command: "restore" });
  const define = async (xml: string): Promise<void> =>
    void (await host.check(["sh", "-c", "cat | virsh define /dev/stdin"], { input: xml }));
  const isDefined = async (): Promise<boolean> => (await host.run(["virsh", "domstate", name])).code === 0;
  const accessOf = (): Promise<string> => host.check(["stat", "-L", "-c", "%u:%g %a", device.path]);
  /** Nothing of it on the host, and nothing that belongs to a restore. */
  const traces = (): Promise<string> =>
    host.check([
      "sh",
      "-c",
      "ls -d /var/lib/virtfold/*/journal /srv/devices/*.virtfold* /dev/lab/*.virtfold* /var/lib/libvirt/images/*.virtfold-* 2>/dev/null; true",
    ]);

  before(async () => {
    test = await openTestHost("hv1", []);
    ({ host } = test);
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
    device = await makeHostDevice(host, name, 65);
    await makeSubject(host, subject);
    await host.check(["dd", `if=${file}`, `of=${device.node}`, "bs=1M", "conv=notrunc,fsync"]);
    const xml = await host.check(["virsh", "dumpxml", name]);
    await define(
      xml
        .replace(`type='file' device='disk'`, `type='block' device='disk'`)
        .replace(`file='${file}'`, `dev='${device.path}'`),
    );
    await host.check(["rm", "-r", `/srv/${name}`]);
    await host.check(["sh", "-c", 'chown daemon:games "$1" && chmod 640 "$1"', "sh", device.node]);
    const { code, stderr } = await runBackup([
      `hv1/${name}`,
      "--store",
      store,
      "--ssh-config",
      test.lab.sshConfig,
    ]);
    assert.equal(code, 0, stderr);
    definition = await host.check(["virsh", "dumpxml", "--inactive", name]);
    assert.match(definition, new RegExp(`<source dev='${device.path}'`));
    backedUp = await sumOfDevice(device);
  });
  after(async () => {
    if (host !== undefined) {
      await removeSubject(host, subject);
      await host.run(["virsh", "undefine", "its-neighbour"]);
      await host.run(["chown", "root:root", device.node]);
      await host.run(["chmod", "660", device.node]);
      await removeHostDevice(device);
    }
    await scratch?.remove();
    if (host !== undefined) await untilNobodyIsLoggedIn(host, 120);
  });

  it("never puts a VM aside that is on the device, and says how it goes", async () => {
    for (const flags of isThorough ? [[], ["--force"]] : [["--force"]]) {
      const { code, stderr } = await restore(...overwrite, ...flags);
      assert.equal(code, 3);
      assert.match(
        stderr,
        /VM "on-device" is on "\/dev\/lab\/on-device".*virsh undefine --snapshots-metadata --domain on-device;/,
      );
    }
    assert.equal(await sumOfDevice(device), backedUp);
    assert.ok(await isDefined());
  });

  it("writes over no device that nobody named, nor over one that something else uses", async () => {
    await host.check(["virsh", "undefine", "--domain", name]);
    await fillWithGarbage(device);
    const garbage = await sumOfDevice(device);
    const refused = async (sentence: RegExp, ...flags: readonly string[]): Promise<void> => {
      const { code, stderr } = await restore(...flags);
      assert.match(stderr, sentence);
      assert.equal(code, 3);
    };
    await refused(
      /all that is on it now would be lost, .*\(to write over it: --overwrite-device \/dev\/lab\/on-device;/,
      "--force",
    );
    const stray = await restore("--overwrite-device", device.node);
    assert.match(stray.stderr, /no disk of this backup was on it\. It had vda on "\/dev\/lab\/on-device"/);
    assert.equal(stray.code, 2);
    // The same device by another name.
    const neighbour = definition
      .replace(`<name>${name}`, "<name>its-neighbour")
      .replace(/<uuid>.*<\/uuid>/, "")
      .replace(device.path, device.node);
    await define(neighbour);
    await refused(/"\/dev\/lab\/on-device" is used by "its-neighbour"/, ...overwrite);
    await host.check(["virsh", "undefine", "its-neighbour"]);
    assert.equal(await sumOfDevice(device), garbage);
    await host.check([
      "sh",
      "-ec",
      'mkfs.ext4 -q "$1"; mkdir -p /srv/mounted; mount "$1" /srv/mounted; echo kept >/srv/mounted/file',
      "sh",
      device.node,
    ]);
    await refused(
      /"\/dev\/lab\/on-device" is in use: mounted at "\/srv\/mounted" \(umount it\)/,
      ...overwrite,
    );
    assert.equal(await host.check(["cat", "/srv/mounted/file"]), "kept\n");
    await host.check(["umount", "/srv/mounted"]);
    assert.equal(await traces(), "");
  });

  thorough("shows what would be lost, and loses nothing", async () => {
    const before = await sumOfDevice(device);
    const { code, stdout, stderr } = await restore(...overwrite, "--dry-run");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^! Overwrites "\/dev\/lab\/on-device" with disk "vda": what is on it now is lost/m);
    assert.equal(await sumOfDevice(device), before);
  });

  it("leaves no VM when it is killed in the middle, and the same command brings it back whole", async () => {
    const access = await accessOf();
    const run = startBackup(argumentsFor(...overwrite, "--bwlimit", "500K"), { command: "restore" });
    await run.logged(/vda: writing over "\/dev\/lab\/on-device": what was on it is gone from here on/);
    run.signal("SIGKILL");
    await run.end;
    await waitUntil("the host has ended it", { limitSeconds: 90, explain: traces }, async () =>
      (await traces()) === "" ? true : undefined,
    );
    assert.ok(!(await isDefined()));
    const bytes = (await newestBackup(store, { host: "hv1", vm: name }))!.manifest.disks[0]!.layers[0]!.bytes;
    assert.ok(bytes > imageBytes);
    assert.notEqual(await sumOfDevice(device), backedUp);
    const { code, stdout, stderr } = await restore(...overwrite);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Restored "on-device" .*; its disks are on "\/dev\/lab\/on-device"$/m);
    assert.equal(await sumOfDevice(device, bytes), backedUp);
    assert.equal(await host.check(["virsh", "dumpxml", "--inactive", name]), definition);
    assert.equal(await accessOf(), access);
    assert.equal(await traces(), "");
    await host.check(["virsh", "start", "--paused", name]);
    await host.check(["virsh", "destroy", name]);
  });

  thorough("says what is gone when it fails in the middle", async () => {
    await host.run(["virsh", "undefine", "--domain", name]);
    const run = startBackup(argumentsFor(...overwrite, "--bwlimit", "500K"), { command: "restore" });
    await run.logged(/writing over/);
    run.signal("SIGINT");
    const { code, stderr, stdout } = await run.end;
    assert.equal(code, 130);
    assert.match(
      stdout + stderr,
      /The host is as it was, but for "\/dev\/lab\/on-device": what was on it is gone/,
    );
    assert.match(stderr, /What was on "\/dev\/lab\/on-device" of host "hv1" is gone/);
    assert.ok(!(await isDefined()));
    assert.equal(await traces(), "");
  });

  thorough("lets nothing onto a device any more once the host has ended a restore", async () => {
    await host.run(["virsh", "undefine", "--domain", name]);
    const run = startBackup(argumentsFor(...overwrite, "--bwlimit", "500K"), { command: "restore" });
    await run.logged(/writing over/);
    await host.cutNetwork();
    let sum = "";
    try {
      await waitUntil("the host has ended it", { limitSeconds: 90, explain: traces }, async () =>
        (await traces()) === "" ? true : undefined,
      );
      const opened = 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -e "-> $1$"';
      assert.equal((await host.run(["sh", "-c", opened, "sh", device.node])).stdout, "");
      sum = await sumOfDevice(device);
    } finally {
      await host.mendNetwork();
    }
    const { code, stderr } = await run.end;
    assert.equal(code, 3);
    assert.match(stderr, /What was on "\/dev\/lab\/on-device" of host "hv1" is gone/);
    await untilNobodyIsLoggedIn(host, 120);
    assert.equal(await sumOfDevice(device), sum);
    assert.ok(!(await isDefined()));
  });

  thorough("brings a qcow2 image on a device back, with its snapshot and on its base", async () => {
    await host.run(["virsh", "undefine", "--domain", name]);
    const base = "/srv/on-base/base.raw";
    await host.check(["mkdir", "-p", "/srv/on-base"]);
    await host.check(["truncate", "-s", "32M", base]);
    await host.check(["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", device.node]);
    const xml = definition.replace("type='raw'", "type='qcow2'");
    await define(xml);
    await host.check(["virsh", "snapshot-create-as", name, "--name=then"]);
    await host.check(["qemu-io", "-f", "qcow2", "-c", "write -P 7 1M 64k", device.node]);
    const contentOf = async (): Promise<string> => {
      const text = `qemu-img convert -O raw "$1" /srv/on-base/now; qemu-img convert -l snapshot.name=then -O raw "$1" /srv/on-base/then
        cd /srv/on-base && sha256sum now then && rm now then && qemu-img info "$1" | grep -i ^backing`;
      return await host.check(["sh", "-ec", text, "sh", device.node]);
    };
    const before = await contentOf();
    const saved = await host.check(["virsh", "snapshot-dumpxml", name, "then"]);
    const backup = await runBackup([`hv1/${name}`, "--store", store, "--ssh-config", test.lab.sshConfig]);
    assert.equal(backup.code, 0, backup.stderr);
    await host.check(["virsh", "undefine", "--snapshots-metadata", name]);
    await fillWithGarbage(device);
    const { code, stderr } = await restore(...overwrite);
    assert.equal(code, 0, stderr);
    assert.equal(await contentOf(), before);
    assert.equal(await host.check(["virsh", "snapshot-dumpxml", name, "then"]), saved);
    await host.check(["virsh", "snapshot-revert", name, "then"]);
    // The base too comes back, as a file.
    await host.check(["virsh", "undefine", "--snapshots-metadata", name]);
    await host.check(["rm", "-r", "/srv/on-base"]);
    await host.check(["mkdir", "/srv/on-base"]);
    assert.equal((await restore(...overwrite)).code, 0);
    assert.equal(await contentOf(), before);
    await host.check(["rm", "-r", "/srv/on-base"]);
  });
});
