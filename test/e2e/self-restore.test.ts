// The host restores itself: when its controller is gone, when an overlay grows too big, when the disk is full. And two
// controllers at once: the second is told at once who holds the VM.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stateOf } from "../lab/vm-state.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { speedUp, withSlowLink } from "./support/slow-link.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, startBackup, type RunningBackup } from "./support/virtfold-process.ts";

const small = "/srv/small-overlays";

describe("a host that restores itself", { timeout: 900_000 }, () => {
  let given: BackupCase;
  before(async () => {
    given = await openBackupCase("hv2", ["web"]);
    await given.host.check(["sh", "-c", makeVolume, "sh", small]);
    await given.rememberAll();
  });
  after(async () => {
    await given?.host.run(["sh", "-c", removeVolume, "sh", small]);
    await given?.scratch.remove();
  });

  /** Begins a backup over a slow link and does something in mid-copy; the run has ended afterwards. */
  async function inWindow(
    flags: readonly string[],
    work: (run: RunningBackup) => Promise<void>,
    megabits = 40,
  ): Promise<RunningBackup> {
    return await withSlowLink(given.host, megabits, async () => {
      const run = startBackup([...given.argumentsFor("web"), ...flags]);
      try {
        await run.logged(/vda: .* → /);
        await work(run);
      } finally {
        await run.end;
      }
      return run;
    });
  }

  const receipts = (): Promise<string> => given.host.check(["sh", "-c", "cat /var/lib/virtfold/*.receipt"]);

  /** Waits until no guard is left on the host. */
  async function restored(limitSeconds: number): Promise<void> {
    const explain = (): Promise<string> => given.host.check(["sh", "-c", "head /var/lib/virtfold/*/*"]);
    await waitUntil("the host has restored itself", { limitSeconds, explain }, async () => {
      const { code } = await given.host.run(["sh", "-c", "ls /var/lib/virtfold/*/journal"]);
      return code === 0 ? undefined : true;
    });
  }

  thorough("does so within its lease when the controller is killed, and without any other word", async () => {
    await inWindow(["--lease", "6"], async (run) => {
      run.signal("SIGKILL");
      assert.equal((await run.end).code, null);
      const since = performance.now();
      await restored(30);
      assert.ok(performance.now() - since < 15_000, "it took more than 15 s");
    });
    assert.match(await receipts(), /\tlease\tthe controller has not renewed its lease for \d s\t/);
    await given.assertHostAsBefore();
  });

  it("gives a backup up before the guest can fill the file system of its overlay", async () => {
    const run = await inWindow(["--overlay-dir", small], async () => {
      await given.host.check(["sh", "-c", fillUp, "sh", small]);
    });
    const end = await run.end;
    assert.equal(end.code, 3, end.stderr);
    assert.match(
      onlySentence(end),
      /^Cannot go on with the backup of "web": host "hv2" has restored itself, because \d+ bytes are free in \/srv\/small-overlays, .*\. Free some space there, or choose another folder with --overlay-dir$/,
    );
    await given.host.check(["rm", `${small}/ballast`]);
    await given.assertAllAsBefore();
  });

  thorough("gives a backup up whose overlays take more than --overlay-budget", async () => {
    const run = await inWindow(["--overlay-budget", "2M"], async () => {
      await given.host.guestExec(
        "web",
        "dd if=/dev/urandom of=/disk/big bs=1M count=4 conv=fsync; rm /disk/big",
      );
    });
    const end = await run.end;
    assert.equal(end.code, 3, end.stderr);
    assert.match(
      onlySentence(end),
      /because the overlays take \d+ bytes, more than the 2097152 bytes they may\. Run the backup when the guest writes less, or allow more with --overlay-budget$/,
    );
    await given.assertAllAsBefore();
  });

  it("lets a guest go on that a full disk has paused, once its writes have a place again", async () => {
    await inWindow(["--overlay-dir", small, "--lease", "600"], async (run) => {
      // A watcher that sleeps, and before it can see that there is no room: else the guest would not get that far.
      await given.host.check(["sh", "-c", `pkill -STOP -f '[g]uard.sh watch'; ${fillUp}`, "sh", small]);
      await given.host.guestExec(
        "web",
        "(sleep 2; exec dd if=/dev/urandom of=/disk/big bs=1M count=4 conv=fsync) >/dev/null 2>&1 &",
      );
      await waitUntil("the guest is paused", { limitSeconds: 60 }, async () =>
        (await stateOf(given.host, "web")) === "paused" ? true : undefined,
      );
      run.signal("SIGINT");
      assert.equal((await run.end).code, 130);
      await given.host.check(["pkill", "-CONT", "-f", "[g]uard.sh watch"]);
    });
    await given.host.check(["rm", `${small}/ballast`]);
    await given.host.guestExec("web", "while pidof dd >/dev/null; do sleep 0.2; done; rm /disk/big");
    await given.assertAllAsBefore();
  });

  it("lets no second backup into the same store, and says who holds it", async () => {
    const run = await inWindow([], async () => {
      const second = await runBackup(given.argumentsFor("db"));
      assert.equal(second.code, 11, second.stderr);
      assert.equal(second.stdout, "");
      assert.match(
        second.stderr,
        /^ERROR: Cannot back up into store "\S+": another backup has held it since \S+Z: \S+@\S+ pid \d+\. Wait until it has ended, or choose another --store$/m,
      );
      await speedUp(given.host);
    });
    assert.equal((await run.end).code, 0, (await run.end).stderr);
    await given.assertHostAsBefore();
  });

  it("tells a second controller at once who holds the VM since when, and the first one goes on", async () => {
    const askSecond = async (first: RunningBackup): Promise<void> => {
      const args = given.argumentsFor("web").with(2, await given.scratch.newStore());
      const second = await Promise.race([runBackup(args), first.end.then(() => undefined)]);
      assert.ok(second, "it waited for the first one");
      assert.equal(second.code, 3);
      assert.match(
        onlySentence(second),
        /^Cannot back up "web": backup \d{8}-\d{6}-[0-9a-f]{6} has held it on host "hv2" since \S+Z\. It is a backup by \S+@\S+ pid \d+; /,
      );
      await speedUp(given.host);
    };
    const run = await inWindow([], askSecond, 4);
    assert.equal((await run.end).code, 0, (await run.end).stderr);
    await given.assertHostAsBefore();
  });
});

const makeVolume = `
set -e
mkdir "$1"
truncate -s 200M "$1.img"
mkfs.ext4 -q -F "$1.img"
mount -o loop "$1.img" "$1"
chmod 711 "$1"`;

const removeVolume = 'umount "$1"; rm -rf "$1" "$1.img"';

/** Leaves about a megabyte. */
const fillUp = `free=$(df -P -k "$1" | awk 'NR == 2 { print $4 }'); fallocate -l $((free * 1024 - 1000000)) "$1/ballast"`;
