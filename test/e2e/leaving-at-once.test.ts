// A controller that does not live to restore the host: what it leaves, what it says, and that a person's one command
// puts the host right.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LabHost } from "../lab/lab-host.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { assertGuestWrites } from "./support/host-memory.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { backupFolders } from "./support/store-memory.ts";
import { runBackup, startBackup } from "./support/virtfold-process.ts";

describe("a backup that leaves a host as it is", { timeout: 900_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web"])));
  after(() => given?.scratch.remove());

  it("after a second signal it says which VM is on an overlay, and the command it names restores it", async () => {
    await withSlowLink(given.host, 40, async () => {
      const run = startBackup(given.argumentsFor("web"));
      await run.logged(/vda: .* → /);
      run.signal("SIGINT");
      await run.logged(/SIGINT received/);
      run.signal("SIGINT");
      const { code, stderr } = await run.end;
      assert.equal(code, 130, stderr);
      assert.match(stderr, /SIGINT again: leaving at once\. Never delete an overlay by hand/);
      const command = /hv2\/web may still be on an overlay: run on hv2: (sh \S+ restore)$/m.exec(stderr)?.[1];
      await runByHand(given.host, command);
    });
    await assertNextBackupIsGood();
  });

  it("after SIGKILL the guest goes on, the next backup refuses, and the command it names restores the host", async () => {
    await killIn(/vda: .* → /);
    await assertGuestWrites(given.host, "web");
    const refused = await runBackup(given.argumentsFor("web"));
    assert.equal(refused.code, 3);
    assert.match(
      refused.stdout,
      /Cannot back up "web" on host "hv2": its disk "vda" runs on ".*virtfold-.*", an overlay of backup \d{8}-\d{6}-[0-9a-f]{6}/,
    );
    await runByHand(given.host, /(sh \S+\/guard\.sh restore)/.exec(refused.stdout)?.[1]);
    await assertNextBackupIsGood();
  });

  it("after SIGKILL before the snapshot the next backup says who holds the VM and how to let it go", async () => {
    await killIn(/Guard armed/);
    const refused = await runBackup(given.argumentsFor("web"));
    assert.equal(refused.code, 3);
    assert.match(refused.stdout, /Cannot back up "web": backup \S+ has held it on host "hv2" since /);
    await runByHand(given.host, /(sh \S+\/guard\.sh restore)/.exec(refused.stdout)?.[1]);
    await assertNextBackupIsGood();
  });

  /** Kills the controller; what it had started on this machine ends by itself. */
  async function killIn(line: RegExp): Promise<void> {
    await withSlowLink(given.host, 40, async () => {
      const run = startBackup(given.argumentsFor("web"));
      await run.logged(line);
      run.signal("SIGKILL");
      assert.equal((await run.end).code, null);
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
