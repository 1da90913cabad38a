// What a person or a host can get wrong: one sentence says what, where, why and what to do next, the exit code is right,
// and the host and earlier backups are as they were.

import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { withHostUser } from "./support/host-user.ts";
import { writeSshSettings } from "./support/ssh-settings.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, type RunEnd, type RunOptions } from "./support/virtfold-process.ts";

describe("bad input", { timeout: 600_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web", "off"])));
  after(() => given?.scratch.remove());

  interface Attempt extends RunOptions {
    readonly target?: string;
    readonly flags?: readonly string[];
    readonly sshConfig?: string;
  }

  /** The sentence of a backup that fails with exit code 3 and leaves all as it was. */
  async function refusal({
    target = "hv2/web",
    flags = [],
    sshConfig,
    ...options
  }: Attempt = {}): Promise<string> {
    const config = sshConfig ?? given.lab.sshConfig;
    const end = await runBackup([target, "--store", given.store, "--ssh-config", config, ...flags], options);
    assert.equal(end.code, 3, end.stderr);
    await given.assertAllAsBefore();
    return onlySentence(end);
  }

  it("an unknown VM: says which there are", async () => {
    assert.match(
      await refusal({ target: "hv2/wbe" }),
      /^Cannot find VM "wbe" on host "hv2"; it has (?=.*"web")(?=.*"off").*\. Name one of these$/,
    );
  });

  thorough("one unknown VM among others: the others are backed up all the same", async () => {
    const store = await given.scratch.newStore();
    const flags = ["--vm-domain", "wbe", "--vm-domain", "off", "--store", store];
    const end = await runBackup(["hv2", "--ssh-config", given.lab.sshConfig, ...flags]);
    assert.equal(end.code, 3);
    assert.match(onlySentence(end), /^Cannot find VM "wbe" on host "hv2"/);
    assert.match(end.stdout, /^hv2\/off +ok /m);
    assert.match(end.stdout, /^1 of 2 VMs backed up$/m);
  });

  const backUpWithout = async (tool: string): Promise<RunEnd> => {
    await hideTool(tool);
    try {
      return await runBackup(given.argumentsFor("web"));
    } finally {
      await showTool(tool);
    }
  };

  for (const tool of ["virsh", "qemu-img", "rsync"]) {
    it(`no ${tool} on the host: says where it is missing`, async () => {
      const end = await backUpWithout(tool);
      assert.equal(end.code, 3);
      assert.equal(
        onlySentence(end),
        `Cannot find "${tool}" on "hv2". Install it there and run the backup again`,
      );
      await given.assertAllAsBefore();
    });
  }

  it("no flock on the host: nothing is changed without the guard", async () => {
    const end = await backUpWithout("flock");
    assert.equal(end.code, 3);
    assert.match(
      onlySentence(end),
      /^Cannot set up the safety net for "web" on host "hv2": .*flock.* and run the backup again$/,
    );
    await given.assertAllAsBefore();
  });

  const hideTool = (tool: string): Promise<string> =>
    given.host.check(["mv", `/usr/bin/${tool}`, `/usr/bin/.hidden-${tool}`]);
  const showTool = (tool: string): Promise<string> =>
    given.host.check(["mv", `/usr/bin/.hidden-${tool}`, `/usr/bin/${tool}`]);

  it("no rsync here: says so before a host is asked, with the exit code of configuration", async () => {
    const folder = join(given.scratch.directory, "few-programs");
    await mkdir(folder);
    for (const tool of ["ssh", "qemu-img"]) await symlink(`/usr/bin/${tool}`, join(folder, tool));
    const { code, stderr } = await runBackup(given.argumentsFor("web"), { environment: { PATH: folder } });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'ERROR: Cannot find "rsync" on "this machine". Install it there and run the backup again\n',
    );
  });

  it("no permission on libvirt: says what libvirt says, and the command that shows it", async () => {
    await withHostUser(given.host, "guest1", async () => {
      await given.host.check(["chmod", "0700", "/run/libvirt/libvirt-sock"]);
      try {
        const sshConfig = await writeSshSettings(given, "guest1", { User: "guest1" });
        assert.match(
          await refusal({ sshConfig }),
          /^Cannot use libvirt on host "hv2" \("qemu:\/\/\/system"\): .*Permission denied\. Try on the host: virsh -c qemu:\/\/\/system list$/,
        );
      } finally {
        await given.host.check(["chmod", "0777", "/run/libvirt/libvirt-sock"]);
      }
    });
  });

  it("no permission on a disk: says which file, why, and the command that shows it", async () => {
    await withHostUser(given.host, "guest2", async () => {
      await given.host.check(["chmod", "0600", "/var/lib/libvirt/images/web.qcow2"]);
      try {
        const sshConfig = await writeSshSettings(given, "guest2", { User: "guest2" });
        const config = sshConfig;
        const end = await runBackup(["hv2/web", "--store", given.store, "--ssh-config", config]);
        assert.equal(end.code, 3);
        assert.match(
          onlySentence(end),
          /^Cannot back up "web" on host "hv2": the image "\/var\/lib\/libvirt\/images\/web\.qcow2" of disk "vda" cannot be read: .*Permission denied.*\. Try on the host: qemu-img info -U --backing-chain \/var\/lib\/libvirt\/images\/web\.qcow2$/,
        );
      } finally {
        await given.host.check(["chmod", "0644", "/var/lib/libvirt/images/web.qcow2"]);
      }
      await given.assertAllAsBefore();
    });
  });

  it("an overlay folder that is not there, or too small: says how much room there is and how much is needed", async () => {
    assert.match(
      await refusal({ flags: ["--overlay-dir", "/srv/nothere"] }),
      /^Cannot back up "web" on host "hv2": the folder "\/srv\/nothere" for its overlays is not there\. Make it .* --overlay-dir$/,
    );
    await given.host.check(["sh", "-c", "mkdir /srv/tiny && mount -t tmpfs -o size=16m tmpfs /srv/tiny"]);
    try {
      const flags = ["--overlay-dir", "/srv/tiny"];
      const end = await runBackup([...given.argumentsFor("web"), ...flags]);
      assert.equal(end.code, 3);
      assert.match(
        onlySentence(end),
        /"\/srv\/tiny" has 16\.0 MiB free, but its overlays may need 64\.0 MiB\. Free some space there or choose another folder with --overlay-dir$/,
      );
    } finally {
      await given.host.check(["sh", "-c", "umount /srv/tiny && rmdir /srv/tiny"]);
    }
    await given.assertAllAsBefore();
  });
});
