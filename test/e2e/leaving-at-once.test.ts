// A controller that does not live to restore the host: the host restores itself, and what the controller said is true.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import type { LabHost } from "../lab/lab-host.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { impatiently, killController, waitUntilRestored } from "./support/dead-run.ts";
import { assertGuestWrites } from "./support/host-memory.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { backupFolders } from "./support/store-memory.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup } from "./support/virtfold-process.ts";

describe("a backup that leaves a host as it is", { timeout: 900_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web"])));
  after(() => given?.scratch.remove());

  it("after a second signal it says that the host restores itself, and the command to have that sooner", async () => {
    const stderr = await interruptTwice(given.argumentsFor("web"));
    assert.match(
      stderr,
      /SIGINT again: leaving at once\. The guards .* finish by themselves: they begin within 20 s/,
    );
    assert.match(stderr, /Never delete an overlay by hand/);
    assert.match(stderr, /^To see whether they have finished, .*: virtfold recover hv2$/m);
    const command =
      /hv2\/web may be on an overlay until then; sooner by hand, on hv2: (sh \S+ restore)$/m.exec(
        stderr,
      )?.[1];
    await runByHand(given.host, command);
    await assertNextBackupIsGood();
  });

  thorough("after a second signal the host restores itself", async () => {
    assert.match(await interruptTwice(impatiently(given, "web")), /they begin within 6 s/);
    await waitUntilRestored(given.host);
    await assertNextBackupIsGood();
  });

  thorough(
    "after SIGKILL the guest goes on, the host restores itself, and the next backup is good",
    async () => {
      await killController(given, "web");
      await assertGuestWrites(given.host, "web");
      await waitUntilRestored(given.host);
      await given.assertHostAsBefore();
      await assertNextBackupIsGood();
    },
  );

  thorough(
    "after SIGKILL before the snapshot the next backup is refused, but not for longer than the lease",
    async () => {
      // Long enough for the next one to come in time, also on a busy machine.
      await killController(given, "web", { line: /Guard armed/, seconds: 30 });
      const refused = await runBackup(given.argumentsFor("web"));
      assert.equal(refused.code, 3, refused.stdout);
      assert.match(
        refused.stdout,
        /Cannot back up "web": backup \S+ has held it on host "hv2" since \S+\. It is a backup by \S+ pid \d+; /,
      );
      assert.match(refused.stdout, /to see which: virtfold recover hv2$/m);
      await waitUntilRestored(given.host);
      await assertNextBackupIsGood();
    },
  );

  /** Stops a backup in mid-copy, and does not let it restore the host; what it said. */
  async function interruptTwice(args: readonly string[]): Promise<string> {
    return await withSlowLink(given.host, 40, async () => {
      const run = startBackup(args);
      await run.logged(/vda: .* → /);
      // Else the host would be restored before the second signal.
      await given.host.cutNetwork();
      try {
        run.signal("SIGINT");
        await run.logged(/SIGINT received/);
        // Within a second it would be taken for the echo of the first.
        await sleep(1100);
        run.signal("SIGINT");
        const { code, stderr } = await run.end;
        assert.equal(code, 130, stderr);
        return stderr;
      } finally {
        await given.host.mendNetwork();
      }
    });
  }

  /** The next backup also sweeps away what the dead one has left in the store. */
  async function assertNextBackupIsGood(): Promise<void> {
    const folders = await backupFolders(given.store, "hv2", "web");
    const { code, stderr } = await runBackup(given.argumentsFor("web"));
    assert.equal(code, 0, stderr);
    assert.equal((await backupFolders(given.store, "hv2", "web")).length, folders.length + 1);
    await given.rememberAll();
    await given.assertAllAsBefore();
  }
});

/** Runs the command on the host just as it was printed. */
async function runByHand(host: LabHost, command: string | undefined): Promise<void> {
  assert.ok(command !== undefined, "no command was named");
  assert.match(await host.check(["sh", "-c", command], { deadlineSeconds: 120 }), /^restored$/m);
}
