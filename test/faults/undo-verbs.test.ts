// Each undo verb by itself, on a real hypervisor: run when the change was never made, run twice, run twice at once, run
// after it failed. The same with every shell and every mishap of libvirt, on a fake one, is in test/guard.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { undoVerbs, type UndoVerb } from "../../lib/guard/undo-action.ts";
import { openTestHost } from "../e2e/support/test-host.ts";
import { isThorough, thorough } from "../e2e/support/thorough.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { assertHostClean } from "./checks/assert-host-clean.ts";
import { assertVm } from "./checks/assert-vm.ts";
import { armLabGuard, type LabGuard } from "./lab-guard.ts";
import { removeSmallFileSystem, makeSmallFileSystem, smallFolder } from "./small-file-system.ts";
import { hostName } from "./subjects.ts";
import { undoCases, type Changed } from "./undo-verbs.ts";
import { witnessVm, type VmWitness } from "./vm-witness.ts";

const vm = "web";

describe("an undo verb on a real host", { timeout: 900_000 }, () => {
  let host: LabHost;
  let changed: Changed;
  let witness: VmWitness;

  before(async () => {
    ({ host } = await openTestHost(hostName, [vm]));
    await host.waitForGuest(vm);
    await makeSmallFileSystem(host, smallFolder);
  });
  after(async () => {
    if (host !== undefined) await removeSmallFileSystem(host, smallFolder);
  });
  beforeEach(async () => {
    const uuid = (await host.check(["virsh", "domuuid", vm])).trim();
    changed = { host, vm, uuid, backupId: `20261123-012500-${randomBytes(3).toString("hex")}` };
    witness = await witnessVm(host, vm);
  });
  afterEach(async () => {
    await assertHostClean(host, smallFolder);
    await assertVm(host, witness, "same process");
  });

  it("is each of those there are", () => {
    assert.deepEqual(undoCases.map(({ verb }) => verb).toSorted(), [...undoVerbs].toSorted());
  });

  // What needs a real hypervisor: libvirt and the guest's agent. Renaming and deleting files is the same on the fake one.
  const ofLibvirt = [
    ...(["fold-overlay", "thaw-guest", "resume-guest"] as const),
    ...(["undefine-created", "end-created", "define-back"] as const),
  ] satisfies readonly UndoVerb[];
  for (const undo of undoCases) {
    if (!isThorough && !ofLibvirt.some((verb) => verb === undo.verb)) continue;
    const arm = async (): Promise<LabGuard> => {
      const guard = await armLabGuard(host, changed);
      await guard.record(undo.verb, ...(await undo.fields(changed)));
      return guard;
    };
    const make = async (): Promise<void> => {
      await undo.make(changed);
      assert.equal(await undo.isThere(changed), true, "the change has not been made");
    };
    const assertUndone = async (): Promise<void> => {
      assert.equal(await undo.isThere(changed), false, "the change is still there");
      await undo.cleanUp?.(changed);
    };

    describe(undo.verb, () => {
      it("does nothing when the change was never made", async () => {
        assertRestored(await (await arm()).restore());
        await assertUndone();
      });

      thorough("does nothing more when it is run again", async () => {
        const guard = await arm();
        // Twice in one restore, and once more in the next.
        await guard.record(undo.verb, ...(await undo.fields(changed)));
        await make();
        assertRestored(await guard.restore());
        assertRestored(await (await arm()).restore());
        await assertUndone();
      });

      it("ends well when it is run twice at once", async () => {
        const guard = await arm();
        await make();
        for (const result of await Promise.all([guard.restore(), guard.restore()])) assertRestored(result);
        await assertUndone();
      });

      it("fails without libvirt, and ends well when it is run after that", async () => {
        const guard = await arm();
        await make();
        await stopLibvirt(host);
        const failed = await guard.restore();
        await startLibvirt(host);
        assert.equal(failed.code, 4, failed.stdout + failed.stderr);
        assert.match(failed.stdout, new RegExp(`^left\t${undo.verb}\t.*\nstuck\n$`, "m"));
        assert.equal(await undo.isThere(changed), true);
        assertRestored(await guard.restore());
        await assertUndone();
      });
    });
  }
});

function assertRestored({
  code,
  stdout,
  stderr,
}: {
  code: number | null;
  stdout: string;
  stderr: string;
}): void {
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^restored$/m);
}

async function stopLibvirt(host: LabHost): Promise<void> {
  await host.check(["sh", "-c", 'kill "$(cat /run/libvirtd.pid)"']);
  await waitUntil("libvirtd is gone", { limitSeconds: 30 }, async () =>
    (await host.run(["virsh", "list"])).code === 0 ? undefined : true,
  );
}

async function startLibvirt(host: LabHost): Promise<void> {
  // One that has not quite ended keeps its pid file locked.
  await waitUntil("libvirtd starts", { limitSeconds: 30 }, async () =>
    (await host.run(["libvirtd", "-d"])).code === 0 ? true : undefined,
  );
  await waitUntil("libvirtd answers", { limitSeconds: 60 }, async () =>
    (await host.run(["virsh", "list"])).code === 0 ? true : undefined,
  );
}
