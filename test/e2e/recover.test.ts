// `virtfold recover`: whatever died in the middle of a backup, afterwards each VM is on its own base and nothing is left.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { stateOf } from "../lab/vm-state.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { deleteGuards, describeRemains, impatiently, killBoth, leaseSeconds } from "./support/dead-run.ts";
import { assertGuestWrites, assertNothingLeft } from "./support/host-memory.ts";
import { speedUp, withSlowLink } from "./support/slow-link.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, runRecover, startBackup, startRecover, type RunEnd } from "./support/virtfold-process.ts";

describe("virtfold recover", { timeout: 1_400_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web", "off", "db"])));
  after(() => given?.scratch.remove());
  beforeEach(() => given.rememberAll());

  const recover = async (...flags: readonly string[]): Promise<RunEnd> =>
    await runRecover(["hv2", "--ssh-config", given.lab.sshConfig, ...flags]);
  const mustRecover = async (...flags: readonly string[]): Promise<RunEnd> => {
    const end = await recover(...flags);
    assert.equal(end.code, 0, end.stderr + end.stdout);
    return end;
  };
  const waitForLease = (): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, (leaseSeconds + 1) * 1000));

  it("finds nothing on a host where nothing is left", async () => {
    const { stdout } = await mustRecover("--store", given.store);
    assert.equal(stdout, "Nothing is left on 1 host and the store\n");
    await given.assertAllAsBefore();
  });

  it("restores a host whose controller and guard were killed, and sweeps the store; a dry run changes nothing", async () => {
    await killBoth(given, "web");
    await waitForLease();
    const remains = await describeRemains(given.host);
    const foreseen = await mustRecover("--dry-run", "--store", given.store);
    assert.match(foreseen.stdout, /^hv2 +web +backup \S+, which died +would be restored$/m);
    assert.match(foreseen.stdout, /^\(store\) +- +\S+\/hv2\/web\/\.partial-\S+ +would be removed$/m);
    assert.match(foreseen.stdout, /^2 found on 1 host and the store; nothing was changed$/m);
    assert.equal(await describeRemains(given.host), remains);
    assert.equal((await partialFolders()).length, 1);
    const { stdout } = await mustRecover("--store", given.store);
    assert.match(stdout, /^hv2 +web +backup \S+, which died +restored$/m);
    assert.match(stdout, /^2 of 2 put right on 1 host and the store$/m);
    await given.assertAllAsBefore();
  });

  thorough(
    "waits for the lease of a controller that died a moment ago, and then restores the host",
    async () => {
      await killBoth(given, "web", 25);
      const { stderr } = await mustRecover();
      assert.match(stderr, /may be alive; waiting up to \d+ s for a sign of life/);
      await given.assertHostAsBefore();
    },
  );

  thorough("stops waiting at Ctrl-C", async () => {
    const args = [...given.argumentsFor("web"), "--lease", "25"];
    await withSlowLink(given.host, 20, async () => {
      const run = startBackup(args);
      await run.logged(/vda: .* → /);
      run.signal("SIGKILL");
      await run.end;
    });
    const waiting = startRecover(["hv2", "--ssh-config", given.lab.sshConfig]);
    await waiting.logged(/waiting up to \d+ s/);
    waiting.signal("SIGINT");
    const since = performance.now();
    const { code, stdout } = await waiting.end;
    assert.equal(code, 130);
    assert.ok(performance.now() - since < 10_000, "it took more than 10 s");
    assert.match(stdout, /the host goes on by itself; to see what came of it: virtfold recover hv2/);
    await mustRecover();
    await given.assertHostAsBefore();
  });

  it("leaves a backup alone that is at work beside a dead one", async () => {
    await killBoth(given, "web");
    const alive = await withSlowLink(given.host, 10, async () => {
      const run = startBackup(impatiently(given, "db"));
      await run.logged(/vda: .* → /);
      const { stdout } = await mustRecover();
      assert.match(stdout, /^hv2 +db +backup \S+ +at work, left alone$/m);
      assert.match(stdout, /^hv2 +web +backup \S+, which died +restored$/m);
      assert.match(
        stdout,
        /^! hv2\/db: backup \S+ by \S+ pid \d+ \(since \S+\) is at work and was left alone$/m,
      );
      assert.match(stdout, /^1 of 2 put right on 1 host, 1 at work$/m);
      await speedUp(given.host);
      return run;
    });
    const { code, stderr } = await alive.end;
    assert.equal(code, 0, stderr);
    await given.assertHostAsBefore();
  });

  thorough("takes up a running VM whose guard was deleted by hand", async () => {
    await killBoth(given, "db");
    await deleteGuards(given.host);
    const { stdout } = await mustRecover();
    assert.match(stdout, /^hv2 +db +vda, vdb, sda on overlays of backup \S+, without a guard +restored$/m);
    await given.assertHostAsBefore();
  });

  thorough(
    "takes up a VM that was shut off on its overlays and whose guard was deleted by hand",
    async () => {
      await killBoth(given, "web");
      await deleteGuards(given.host);
      await given.host.check(["virsh", "destroy", "web"]);
      await mustRecover();
      await assertStartsWhole("web");
    },
  );

  thorough("restores a host that was switched off in mid-copy, its VM not started", async () => {
    await reboot();
    const { stdout } = await mustRecover();
    // A host of the laboratory keeps its uptime, so its lease may be young still.
    assert.match(stdout, /^hv2 +web +backup \S+?(?:, which died)? +restored$/m);
    assert.equal(await stateOf(given.host, "web"), "shut off");
    await assertStartsWhole("web");
    await startAll();
  });

  thorough("restores a host that was switched off in mid-copy, its VM started on its overlays", async () => {
    await given.host.check(["virsh", "autostart", "web"]);
    try {
      await reboot();
      if ((await stateOf(given.host, "web")) !== "running") await given.host.check(["virsh", "start", "web"]);
      await mustRecover();
    } finally {
      await given.host.run(["virsh", "autostart", "--disable", "web"]);
    }
    await assertNothingLeft(given.host);
    await assertGuestWrites(given.host, "web");
    await startAll();
  });

  thorough(
    "removes an overlay that nobody uses and that holds nothing, and keeps one that holds data",
    async () => {
      const empty = "/var/lib/libvirt/images/vda.virtfold-20260101-010203-aaaaaa.qcow2";
      const full = "/var/lib/libvirt/images/vda.virtfold-20260101-010203-bbbbbb.qcow2";
      const base = "/var/lib/libvirt/images/web.qcow2";
      try {
        await given.host.check(["qemu-img", "create", "-q", "-f", "qcow2", full, "128M"]);
        await given.host.check(["qemu-io", "-f", "qcow2", "-c", "write 0 4k", full]);
        const backing = ["-b", base, "-F", "qcow2"];
        await given.host.check(["qemu-img", "rebase", "-u", "-f", "qcow2", ...backing, full]);
        await given.host.check(["qemu-img", "create", "-q", "-u", "-f", "qcow2", ...backing, empty, "128M"]);
        const end = await recover();
        assert.equal(end.code, 4, end.stdout);
        assert.match(end.stdout, /^hv2 +web +unused overlays of vda, of backup \S+-aaaaaa +restored$/m);
        assert.match(end.stdout, /^hv2 +web +\S+bbbbbb\.qcow2 +needs a person$/m);
        assert.match(
          end.stdout,
          new RegExp(`qemu-img info -U --backing-chain ${full}; qemu-img map -U ${full}`),
        );
        assert.match(await describeRemains(given.host), /^\S+bbbbbb\.qcow2 \d+\n$/);
        const backup = await runBackup(given.argumentsFor("web"));
        assert.equal(backup.code, 0, backup.stdout);
      } finally {
        await given.host.run(["rm", "-f", empty, full]);
      }
      await mustRecover();
      await given.assertHostAsBefore();
    },
  );

  thorough("is not needed by the next backup, which restores first what dead ones left", async () => {
    await killBoth(given, "web");
    await waitForLease();
    const restored = await runBackup(given.argumentsFor("web"));
    assert.equal(restored.code, 0, restored.stdout);
    assert.match(restored.stderr, /Backup \S+ died and left something on the host; restoring it first/);
    await given.assertHostAsBefore();
    await killBoth(given, "web");
    await deleteGuards(given.host);
    const adopted = await runBackup(given.argumentsFor("web"));
    assert.equal(adopted.code, 0, adopted.stdout);
    await given.assertHostAsBefore();
  });

  it("goes on when one of the hosts cannot be reached, and says so", async () => {
    const end = await runRecover(["root@127.0.0.1:1", "hv2", "--ssh-config", given.lab.sshConfig]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /^Nothing is left on 1 host, 1 host not reached$/m);
  });

  async function partialFolders(): Promise<readonly string[]> {
    const names = await readdir(join(given.store, "hv2", "web"));
    return names.filter((name) => name.startsWith(".partial-"));
  }

  /** Switches the host off in mid-copy, and on again when the controller is dead, too. */
  async function reboot(): Promise<void> {
    await withSlowLink(given.host, 20, async () => {
      const run = startBackup(impatiently(given, "web"));
      await run.logged(/: vda: .* → /);
      await given.host.kill();
      run.signal("SIGKILL");
      await run.end;
      await given.host.start();
    });
    assert.notEqual(await describeRemains(given.host), "", "the host has restored itself already");
  }

  /** The VM is off and on its base, and its guest finds all that it has written. */
  async function assertStartsWhole(vm: string): Promise<void> {
    await assertNothingLeft(given.host);
    assert.doesNotMatch(await given.host.check(["virsh", "dumpxml", "--inactive", vm]), /virtfold-/);
    await given.host.check(["virsh", "start", vm]);
    await assertGuestWrites(given.host, vm);
  }

  async function startAll(): Promise<void> {
    for (const vm of ["web", "db"]) {
      if ((await stateOf(given.host, vm)) !== "running") await given.host.check(["virsh", "start", vm]);
      await given.host.waitForGuest(vm);
    }
  }
});
