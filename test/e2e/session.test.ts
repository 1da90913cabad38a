// A user's own libvirt (qemu:///session): no root anywhere. The backup is good, and the host restores itself all the same.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LabHost } from "../lab/lab-host.ts";
import { serialLog, vmXml } from "../lab/vm-xml.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { newestBackup } from "../lab/restore-by-hand.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { addHostUser } from "../lab/make-login.ts";
import { removeHostUser } from "./support/host-user.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { writeSshSettings } from "./support/ssh-settings.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup } from "./support/virtfold-process.ts";

const user = "person";
const home = `/home/${user}`;
const image = `${home}/images/own.qcow2`;
const uri = "qemu:///session";

describe("a user's own VM", { timeout: 600_000 }, () => {
  let given: BackupCase;
  let host: LabHost;
  let args: readonly string[];

  before(async () => {
    given = await openBackupCase("hv2", ["web"]);
    host = given.host;
    await addHostUser(host, user);
    const sshConfig = await writeSshSettings(given, user, { User: user });
    args = [
      "hv2/own",
      "--store",
      given.store,
      "--ssh-config",
      sshConfig,
      "--uri",
      uri,
      "--verbose",
      "--lease",
      "6",
    ];
    await startOwnVm();
  });
  after(async () => {
    if (host !== undefined) await removeHostUser(host, user);
    await given?.scratch.remove();
  });

  const asUser = (text: string): Promise<string> =>
    host.check(["su", "-s", "/bin/sh", user, "-c", `cd; ${text}`]);

  /** A VM on a copy of `web`'s disk, with its serial line in the user's home. */
  async function startOwnVm(): Promise<void> {
    const disk = { target: "vda", path: image, format: "qcow2", sizeMib: 64 } as const;
    const xml = vmXml({ name: "own", running: true, disks: [disk], agent: false });
    await asUser("mkdir -p images");
    await host.check([
      "qemu-img",
      "convert",
      "-U",
      "-O",
      "qcow2",
      "/var/lib/libvirt/images/web.qcow2",
      image,
    ]);
    await host.check(["chown", user, image]);
    const text = xml.replaceAll(serialLog("own"), `${home}/serial.log`);
    await host.check(["sh", "-c", `cat >${home}/own.xml`], { input: text });
    await asUser(`virsh -c ${uri} define own.xml && virsh -c ${uri} start own`);
    await guestWrites();
  }

  const sequence = async (): Promise<number> =>
    Number([...(await asUser("tail -c 4096 serial.log")).matchAll(/^SEQ (\d+)\r?\n/gm)].at(-1)?.[1] ?? 0);

  async function guestWrites(): Promise<void> {
    const first = await sequence();
    const explain = (): Promise<string> => asUser("tail serial.log");
    await waitUntil("the user's guest writes", { limitSeconds: 120, explain }, async () =>
      (await sequence()) > first ? true : undefined,
    );
  }

  /** The VM runs on its own disk, and nothing of ours is left in the user's home but a lock and a receipt. */
  async function assertAsBefore(): Promise<void> {
    for (const flag of ["", "--inactive"]) {
      assert.match(await asUser(`virsh -c ${uri} domblklist own ${flag}`), new RegExp(`vda +${image}$`, "m"));
    }
    assert.deepEqual((await asUser("ls images")).trim().split("\n"), ["own.qcow2"]);
    const state = (await asUser("ls .local/state/virtfold")).trim().split("\n");
    assert.deepEqual(
      state.filter((name) => !/\.(lock|receipt)$/.test(name)),
      [],
    );
    await guestWrites();
    assert.doesNotMatch(await asUser("cat serial.log"), /GAP|IOERROR/);
  }

  it("is backed up without root", async () => {
    const end = await runBackup(args);
    assert.equal(end.code, 0, end.stderr);
    const backup = await newestBackup(given.store, { host: "hv2", vm: "own" });
    assert.equal(backup?.manifest.disks[0]?.source.path, image);
    await assertAsBefore();
  });

  thorough("is restored by its host when the controller is killed", async () => {
    await withSlowLink(host, 40, async () => {
      const run = startBackup(args);
      await run.logged(/vda: .* → /);
      run.signal("SIGKILL");
      await run.end;
      assert.match(await asUser(`virsh -c ${uri} domblklist own`), /virtfold-/);
      await waitUntil("the host has restored itself", { limitSeconds: 30 }, async () =>
        (await host.run(["sh", "-c", `ls ${home}/.local/state/virtfold/*/journal`])).code === 0
          ? undefined
          : true,
      );
    });
    await assertAsBefore();
  });
});
