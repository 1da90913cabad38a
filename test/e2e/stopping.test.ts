// Ctrl-C, SIGTERM and SIGHUP at each step of a backup: the hosts are restored, the store is as before, exit code 130.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stepNames, type StepName } from "../../lib/model/event.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { backupFolders } from "./support/store-memory.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { thorough } from "./support/thorough.ts";
import { startBackup, type RunningBackup } from "./support/virtfold-process.ts";

/** Every step is stopped once; the three signals take turns. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** In and after the window; the fault matrix has the others too. */
const usualSteps: readonly StepName[] = ["copy-disks", "verify-copies"];

describe("a backup that is told to stop", { timeout: 900_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web"])));
  after(() => given?.scratch.remove());

  for (const [index, step] of stepNames.entries()) {
    const signal = signals[index % signals.length]!;
    const register = usualSteps.includes(step) ? it : thorough;
    register(`${signal} in step ${step} restores the host and keeps nothing`, async () => {
      await withSlowLink(given.host, 40, async () => {
        const run = startBackup(given.argumentsFor("web"));
        await reached(run, step);
        run.signal(signal);
        const { code, stderr, stdout } = await run.end;
        assert.equal(code, 130, stderr);
        assert.match(stderr, new RegExp(`${signal} received: starting nothing new and restoring the hosts`));
        assert.match(stdout, /^hv2\/web +interrupted/m);
      });
      await given.assertAllAsBefore();
    });
  }

  thorough("SIGHUP when nobody reads its output any more restores the host all the same", async () => {
    await withSlowLink(given.host, 40, async () => {
      const run = startBackup(given.argumentsFor("web"));
      await reached(run, "copy-disks");
      run.stopReading();
      run.signal("SIGHUP");
      assert.equal((await run.end).code, 130);
    });
    await given.assertAllAsBefore();
  });

  thorough("a reader that goes away ends nothing: the backup is made", async () => {
    const store = await given.scratch.newStore();
    await withSlowLink(given.host, 40, async () => {
      const run = startBackup(given.argumentsFor("web").with(2, store));
      await reached(run, "copy-disks");
      run.stopReading();
      assert.equal((await run.end).code, 0);
    });
    assert.equal((await backupFolders(store, "hv2", "web")).length, 1);
    await given.assertAllAsBefore();
  });

  it("SIGTERM while a host is asked for its VMs ends the run before anything is touched", async () => {
    const run = startBackup(given.argumentsFor("web"));
    await run.logged(/hv2: asking for its VMs/);
    run.signal("SIGTERM");
    const { code, stdout } = await run.end;
    assert.equal(code, 130);
    assert.match(stdout, /0 of 0 VMs backed up/);
    await given.assertAllAsBefore();
  });

  it("SIGINT while a host does not answer ends the run at once", async () => {
    await given.host.cutNetwork();
    try {
      const run = startBackup(given.argumentsFor("web"));
      await run.logged(/hv2: asking for its VMs/);
      const since = performance.now();
      run.signal("SIGINT");
      assert.equal((await run.end).code, 130);
      assert.ok(performance.now() - since < 5000, "it took more than 5 s");
    } finally {
      await given.host.mendNetwork();
    }
    await given.assertAllAsBefore();
  });
});

/** Waits until a step is under way; in the copy, until a disk is on its way. */
async function reached(run: RunningBackup, step: StepName): Promise<void> {
  await run.logged(step === "copy-disks" ? /vda: .* → / : new RegExp(`Step ${step}$`));
}
