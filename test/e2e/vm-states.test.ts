// The states a VM can be in, as docs/refusals.md decides them: it is backed up, or refused before anything is touched,
// with a sentence whose command works.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { stateOf } from "../lab/vm-state.ts";
import { newestBackup, type FoundBackup } from "../lab/restore-by-hand.ts";
import { runChecked } from "../lab/run-checked.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { assertHostAsBefore, rememberHost } from "./support/host-memory.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, type RunEnd } from "./support/virtfold-process.ts";

const subject = subjectVm("subject");
const image = subject.disks[0]!.path;
const clone = subjectVm("clone", {
  running: false,
  disks: [
    {
      target: "vda",
      path: "/srv/clone/clone.qcow2",
      format: "qcow2",
      sizeMib: 64,
      backing: [{ path: image, format: "qcow2" }],
    },
  ],
});
const diskless = subjectVm("diskless", {
  running: false,
  disks: [{ target: "hda", path: "/srv/diskless/only.iso", format: "raw", sizeMib: 4, device: "cdrom" }],
});

describe("a VM's state", { timeout: 900_000 }, () => {
  let given: BackupCase;
  let host: LabHost;

  before(async () => {
    given = await openBackupCase("hv2", []);
    host = given.host;
    await makeSubject(host, subject);
  });
  after(async () => {
    for (const vm of [clone, diskless, subject]) await removeSubject(host, vm);
    await given?.scratch.remove();
  });

  const virsh = (...args: string[]): Promise<string> => host.check(["virsh", ...args]);

  /** The sentence with which a VM is refused, everything being left as it is. */
  async function refusal(vm = "subject"): Promise<string> {
    const memory = await rememberHost(host, [vm]);
    const end = await runBackup(given.argumentsFor(vm));
    assert.equal(end.code, 3, end.stderr);
    assert.doesNotMatch(end.stderr, /Step /);
    await assertHostAsBefore(host, memory);
    const sentence = onlySentence(end);
    assert.ok(sentence.startsWith(`Cannot back up "${vm}" on host "hv2": `), sentence);
    return sentence;
  }

  /** Backs the VM up and leaves it as it is. */
  async function backUp(exitCode = 0): Promise<FoundBackup & { readonly end: RunEnd }> {
    const memory = await rememberHost(host, ["subject"]);
    const end = await runBackup(given.argumentsFor("subject"));
    assert.equal(end.code, exitCode, end.stderr);
    await assertHostAsBefore(host, memory);
    const backup = await newestBackup(given.store, { host: "hv2", vm: "subject" });
    return { end, ...backup! };
  }

  /** Runs the command that a sentence ends with, on the host and as it is printed. */
  async function runNamed(sentence: string, command: RegExp): Promise<string> {
    const found = command.exec(sentence)?.[0];
    assert.ok(found !== undefined, sentence);
    return await host.check(["sh", "-c", `cd /tmp && { ${found}; } 2>&1`]);
  }

  it("without any disk: refused", async () => {
    await host.defineVm(diskless);
    const sentence = await refusal("diskless");
    assert.match(sentence, /it has no disk that can be backed up\. Look at: /);
    assert.match(await runNamed(sentence, /virsh domblklist .*$/), /cdrom +hda/);
  });

  it("paused by a person: backed up as after a power cut, and still paused", async () => {
    await virsh("suspend", "subject");
    const { end, manifest } = await backUp();
    assert.match(end.stderr, /Snapshot taken, crash-consistent \(the VM is paused\)$/m);
    assert.equal(manifest.consistency, "crash");
    assert.equal(await stateOf(host, "subject"), "paused");
    await virsh("resume", "subject");
  });

  it("with a managed save image: backed up with a warning, and the image is kept", async () => {
    await virsh("managedsave", "subject");
    const { end, manifest } = await backUp();
    assert.match(end.stderr, /WARNING: .*saved memory image \(managed save\), which is not backed up/);
    assert.equal(manifest.consistency, "crash");
    assert.match(await virsh("dominfo", "subject"), /Managed save: +yes/);
    await virsh("start", "subject");
    await host.waitForGuest("subject");
  });

  it("with libvirt checkpoints: refused", async () => {
    await virsh("checkpoint-create-as", "subject", "friday");
    const sentence = await refusal();
    assert.match(
      sentence,
      /libvirt refuses snapshots of a VM with checkpoints \("friday"\), which another backup tool uses\. /,
    );
    await runNamed(sentence.replace(/NAME$/, "friday"), /virsh checkpoint-delete .*$/);
    assert.equal((await virsh("checkpoint-list", "--name", "subject")).trim(), "");
  });

  thorough("with an active block job: refused", async () => {
    await virsh("blockcopy", "subject", "vda", "/srv/subject/copy.qcow2", "--transient-job");
    const sentence = await refusal();
    assert.match(sentence, /a block job runs on its disk "vda"\. Wait for it: /);
    assert.match(await runNamed(sentence, /virsh blockjob .*$/), /Block Copy/i);
    await virsh("blockjob", "subject", "vda", "--abort");
    await host.check(["rm", "-f", "/srv/subject/copy.qcow2"]);
  });

  it("on another tool's overlay: the whole chain is backed up, and the VM stays on that overlay", async () => {
    await virsh("snapshot-create-as", "subject", "other-tool", "--disk-only", "--no-metadata", "--atomic");
    const { end, manifest } = await backUp();
    assert.match(
      end.stderr,
      /WARNING: .*Disk vda runs on \/srv\/subject\/subject\.other-tool, which looks like another tool's overlay/,
    );
    assert.deepEqual(
      manifest.disks[0]?.layers.map(({ sourcePath }) => sourcePath),
      ["/srv/subject/subject.other-tool", image],
    );
    await foldForeign("other-tool");
  });

  it("with internal and external snapshots: the chain and the internal ones are backed up, as a degraded backup", async () => {
    await virsh("snapshot-create-as", "subject", "inside");
    await virsh("snapshot-create-as", "subject", "outside", "--disk-only", "--atomic");
    const { end, manifest, folder } = await backUp(5);
    assert.match(end.stdout, /External snapshot "outside" is not carried along, only the disk chain it made/);
    assert.deepEqual(
      manifest.snapshots.order.map(({ name }) => name),
      ["inside"],
    );
    // The snapshot lies in the layer below: that is what its definition in the backup must name.
    const snapshot = await readFile(join(folder, manifest.snapshots.order[0]!.fileName), "utf8");
    const below = join(folder, manifest.disks[0]!.layers[1]!.fileName);
    assert.ok(snapshot.includes(`file='${below}'`), snapshot);
    assert.match(await runChecked(["qemu-img", "snapshot", "-l", below]), /\binside\b/);
    await virsh("snapshot-delete", "subject", "outside", "--metadata");
    await foldForeign("outside");
    await virsh("snapshot-delete", "subject", "inside");
  });

  thorough(
    "with an internal snapshot that its image does not hold: refused, until libvirt has forgotten it",
    async () => {
      await virsh("destroy", "subject");
      await virsh("snapshot-create-as", "subject", 'a "hollow" one');
      await host.check(["qemu-img", "snapshot", "-d", 'a "hollow" one', image]);
      const sentence = await refusal();
      assert.match(
        sentence,
        /its snapshot "a "hollow" one" is not inside the image of disk "vda", so nobody can/,
      );
      await runNamed(sentence, /virsh snapshot-delete .*$/);
      await backUp();
      await virsh("start", "subject");
      await host.waitForGuest("subject");
    },
  );

  it("whose definition names a backing file that its image does not: refused", async () => {
    await virsh("destroy", "subject");
    const definition = await virsh("dumpxml", "subject", "--inactive");
    const backing = `<backingStore type="file"><format type="raw"/><source file="/srv/subject/below.raw"/></backingStore>`;
    const changed = definition.replace(/(<source file='[^']*subject\.qcow2'\/>)/, `$1${backing}`);
    assert.notEqual(changed, definition);
    const define = (xml: string): Promise<string> =>
      host.check(["sh", "-c", "cat | virsh define /dev/stdin"], { input: xml });
    await define(changed);
    assert.match(
      await refusal(),
      /its definition names "\/srv\/subject\/below\.raw" for "vda", .* correct it: virsh edit subject$/,
    );
    await define(definition);
    await virsh("start", "subject");
    await host.waitForGuest("subject");
  });

  async function foldForeign(name: string): Promise<void> {
    await virsh("blockcommit", "subject", "vda", "--active", "--pivot", "--base", image);
    await host.check(["rm", `/srv/subject/subject.${name}`]);
  }

  thorough(
    "with a disk plugged in for now: refused; once it is in the definition too, backed up",
    async () => {
      await host.check(["qemu-img", "create", "-q", "-f", "qcow2", "/srv/subject/more.qcow2", "16M"]);
      const plug = ["/srv/subject/more.qcow2", "vdb", "--subdriver", "qcow2"];
      await virsh("attach-disk", "subject", ...plug, "--live");
      assert.match(
        await refusal(),
        /its running disk "vdb" is "\/srv\/subject\/more\.qcow2" but its definition says "no disk"\. Compare virsh dumpxml with virsh dumpxml --inactive and bring them in line$/,
      );
      await virsh("attach-disk", "subject", ...plug, "--config");
      const { manifest } = await backUp();
      assert.deepEqual(
        manifest.disks.map(({ target }) => target),
        ["vda", "vdb"],
      );
      await virsh("detach-disk", "subject", "vdb", "--live", "--config");
    },
  );

  it("with an image that another VM depends on: refused, until it has an overlay of its own", async () => {
    await host.defineVm(clone);
    const sentence = await refusal();
    assert.match(
      sentence,
      /its disk "vda" \("\/srv\/subject\/subject\.qcow2"\) is also used by "clone"; folding back would write to it\. /,
    );
    await runNamed(sentence, /virsh snapshot-create-as .*$/);
    const { manifest } = await backUp();
    assert.equal(manifest.disks[0]?.layers.length, 2);
  });

  thorough("transient: refused, until it is defined", async () => {
    await virsh("undefine", "subject");
    const sentence = await refusal();
    assert.match(
      sentence,
      /it is transient, so nothing could put its definition back after a crash\. Make it persistent: /,
    );
    await runNamed(sentence, /virsh dumpxml .*$/);
    await backUp();
  });
});
