// A VM that is shut off is copied without a snapshot. If it starts, or an image changes, while it is being copied, the
// backup fails and says so; the same for an image of a running VM that somebody else writes to.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { assertHostAsBefore, rememberHost } from "./support/host-memory.ts";
import { backupFolders } from "./support/store-memory.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { removeSubject, subjectVm } from "./support/subject-vm.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

const image = "/srv/still/still.qcow2";
const still = subjectVm("still", {
  running: false,
  disks: [{ target: "vda", path: image, format: "qcow2", sizeMib: 64, payloadMib: 8 }],
});

describe("an image that changes while it is copied", { timeout: 600_000 }, () => {
  let given: BackupCase;
  before(async () => {
    given = await openBackupCase("hv2", ["web"]);
    await given.host.defineVm(still);
    await given.host.check(["sh", "-c", leaveOutKernel]);
    assert.equal((await runBackup(given.argumentsFor("still"))).code, 0);
    await given.rememberAll();
  });
  after(async () => {
    if (given !== undefined) await removeSubject(given.host, still);
    await given?.scratch.remove();
  });

  /** Backs up a VM over a slow link and runs shell text on the host in mid-copy. */
  async function disturb(vm: string, shellText: string): Promise<RunEnd> {
    return await withSlowLink(given.host, vm === "web" ? 60 : 20, async () => {
      const run = startBackup(given.argumentsFor(vm));
      try {
        await run.logged(/vda: .* → /);
        await given.host.check(["sh", "-c", shellText]);
      } finally {
        await run.end;
      }
      return await run.end;
    });
  }

  /** The backup failed with one sentence, and the store is as it was. */
  async function assertThrownAway(end: RunEnd, sentence: RegExp): Promise<void> {
    assert.equal(end.code, 3, end.stderr);
    assert.match(onlySentence(end), sentence);
    assert.doesNotMatch(end.stderr, /Backup complete/);
    await given.assertStoreAsBefore();
  }

  it("is no backup when the VM was started", async () => {
    const end = await disturb("still", "virsh start still");
    await given.host.check(["virsh", "destroy", "still"]);
    await assertThrownAway(
      end,
      /Cannot keep the copy of "still": it was shut off when copying began and is "running" now, so the copy may be torn\. Run the backup again; a running VM is backed up with a snapshot$/,
    );
  });

  for (const [what, shellText] of Object.entries({
    "was started and is off again": "virsh start still && virsh destroy still",
    "has another byte, and its old time": `before=$(stat -c %y ${image}); printf x | dd of=${image} bs=1 seek=5000000 conv=notrunc; touch -d "$before" ${image}`,
    "has grown": `printf x >>${image}`,
    "was replaced by its like": `cp -p ${image} ${image}.new && mv ${image}.new ${image}`,
  })) {
    const register = what.startsWith("was") ? it : thorough;
    register(`is no backup when the VM or its image ${what}`, async () => {
      const end = await disturb("still", shellText);
      await assertThrownAway(
        end,
        /Cannot keep the copy of "still" "vda": "\/srv\/still\/still\.qcow2" changed while it was copied, so the copy may be torn\. Find out what writes to it and run the backup again$/,
      );
    });
  }

  thorough(
    "is no backup when somebody else writes to the frozen image of a running VM, and the host is restored",
    async () => {
      const memory = await rememberHost(given.host, ["web"]);
      const end = await disturb("web", "touch /var/lib/libvirt/images/web.qcow2");
      await assertThrownAway(end, /Cannot keep the copy of "web" "vda": .* changed while it was copied/);
      await assertHostAsBefore(given.host, memory);
    },
  );

  thorough("is no backup when the VM is no longer defined", async () => {
    const definition = await given.host.check(["virsh", "dumpxml", "--inactive", "--security-info", "still"]);
    const end = await disturb("still", "virsh undefine still");
    await given.host.check(["sh", "-c", "cat | virsh define /dev/stdin"], { input: definition });
    await assertThrownAway(
      end,
      /Cannot back up "still": it changed since it was looked at \(libvirt no longer knows it\)\. Run the backup again$/,
    );
  });

  it("is no harm to the other VMs when a VM vanishes before its turn", async () => {
    const definition = await given.host.check(["virsh", "dumpxml", "--inactive", "--security-info", "still"]);
    const store = await given.scratch.newStore();
    const both = [
      "hv2",
      "--vm-domain",
      "web",
      "--vm-domain",
      "still",
      ...given.argumentsFor("web").slice(1).with(1, store),
    ];
    const end = await withSlowLink(given.host, 60, async () => {
      const run = startBackup(both);
      await run.logged(/hv2\/web: vda: .* → /);
      await given.host.check(["virsh", "undefine", "still"]);
      return await run.end;
    });
    await given.host.check(["sh", "-c", "cat | virsh define /dev/stdin"], { input: definition });
    assert.equal(end.code, 3, end.stderr);
    assert.match(
      onlySentence(end),
      /Cannot back up "still": it changed since it was looked at \(libvirt no longer knows it\)/,
    );
    assert.match(end.stdout, /^hv2\/web +ok /m);
    assert.equal((await backupFolders(store, "hv2", "web")).length, 1);
  });
});

/** Boot files come before the disks: without them the copy of the disk begins at once. */
const leaveOutKernel = `
virsh dumpxml --inactive still | grep -v -e '<kernel>' -e '<initrd>' -e '<cmdline>' >/tmp/still.xml
virsh define /tmp/still.xml
rm /tmp/still.xml`;
