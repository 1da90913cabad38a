// What can happen to the host, the link and the VM while the VM runs on its overlay and the controller lives: the VM
// comes back to its base every time, with all it wrote; the backup is good, or it fails and says why.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stateOf } from "../lab/vm-state.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { assertGuestWrites, assertNothingLeft } from "./support/host-memory.ts";
import { controlSession, rsyncOnHost } from "./support/session-processes.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { thorough } from "./support/thorough.ts";
import { startBackup, type RunEnd } from "./support/virtfold-process.ts";

describe("trouble while a VM runs on its overlay", { timeout: 900_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["web"])));
  after(() => given?.scratch.remove());

  /** Backs up `web` over a slow link and does something in mid-copy, when the guest has written to the overlay. */
  async function disturb(trouble: () => Promise<void>, flags: readonly string[] = []): Promise<RunEnd> {
    return await withSlowLink(given.host, 50, async () => {
      const run = startBackup([...given.argumentsFor("web"), ...flags]);
      try {
        await run.logged(/vda: .* → /);
        await given.host.waitForGuest("web", { agent: false });
        await trouble();
      } finally {
        await run.end;
      }
      return await run.end;
    });
  }

  thorough("a cut of the connection for commands is mended, and the backup is good", async () => {
    const { code, stderr } = await disturb(async () => {
      await given.host.check(["kill", "-KILL", String(await controlSession(given.host))]);
    });
    assert.equal(code, 0, stderr);
    await given.assertHostAsBefore();
  });

  thorough("an rsync that is killed is followed by another one, which goes on where it was", async () => {
    const { code, stderr } = await disturb(async () => {
      await given.host.check(["kill", "-KILL", String(await rsyncOnHost(given.host))]);
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /WARNING: hv2\/web: vda: the connection broke \(.*\); going on in 1 s$/m);
    await given.assertHostAsBefore();
  });

  it("a network that is gone for a few seconds only makes the copy longer", async () => {
    const { code, stderr } = await disturb(async () => {
      await given.host.cutNetwork();
      const before = await given.host.guestSequence("web");
      await waitUntil("the guest has written for 3 s", { limitSeconds: 60 }, async () =>
        (await given.host.guestSequence("web")) > before + 3 ? true : undefined,
      );
      await given.host.mendNetwork();
      // What was sent meanwhile TCP may send again only after as long again; that is too near to the end of a short lease.
    }, ["--lease", "60"]);
    assert.equal(code, 0, stderr);
    await given.assertHostAsBefore();
  });

  thorough("libvirtd that is started again changes nothing", async () => {
    const again = async (): Promise<void> => {
      await given.host.check([
        "sh",
        "-c",
        'kill "$(cat /run/libvirtd.pid)"; until libvirtd -d; do sleep 0.1; done',
      ]);
    };
    // libvirtd forgets an alias or two of devices that are none when it is started again: that is not what is asked here.
    await again();
    await given.rememberAll();
    const { code, stderr } = await disturb(again);
    assert.equal(code, 0, stderr);
    await given.assertHostAsBefore();
  });

  // The guard folds only overlays whose names it can find in XML as plain text.
  for (const [title, image, isFolded] of [
    ["is folded back from the overlay that libvirt gave it", "plugged-in.qcow2", true],
    ["with an odd name stays on its overlay, and how to fold it is said", "plugged in.qcow2", false],
  ] as const)
    (isFolded ? it : thorough)(`a disk that is plugged in right before the snapshot ${title}`, async () => {
      await given.rememberAll();
      const path = `/var/lib/libvirt/images/${image}`;
      await given.host.check(["qemu-img", "create", "-q", "-f", "qcow2", path, "8M"]);
      const sourceNow = async (): Promise<string> => {
        const disks = await given.host.check(["virsh", "domblklist", "web"]);
        return /^ *vdz +(.*)$/m.exec(disks)?.[1] ?? disks;
      };
      try {
        const run = startBackup(given.argumentsFor("web"));
        await run.logged(/Step take-snapshot$/);
        run.signal("SIGSTOP");
        try {
          await given.host.check(["virsh", "attach-disk", "web", path, "vdz", "--subdriver", "qcow2"]);
        } finally {
          run.signal("SIGCONT");
        }
        const { code, stdout } = await run.end;
        // A VM that stays on an overlay needs a person.
        assert.equal(code, isFolded ? 3 : 4, stdout);
        assert.match(stdout, isFolded ? /web +failed / : /web +failed !/);
        assert.match(stdout, /"vdz" did not move to the overlay that was planned/);
        await given.assertStoreAsBefore();
        if (!isFolded) {
          assert.match(await sourceNow(), /plugged in\.virtfold-.*\.qcow2$/);
          const command = /(virsh blockcommit web vdz .*?)\. Then/.exec(stdout)?.[1] ?? "";
          await given.host.check(["sh", "-c", command]);
        }
        assert.equal(await sourceNow(), path);
      } finally {
        await given.host.run(["virsh", "detach-disk", "web", "vdz"]);
        await waitUntil("the guest has let the disk go", { limitSeconds: 60 }, async () =>
          /vdz/.test(await sourceNow()) || (await sourceNow()).startsWith("/") ? undefined : true,
        );
        await given.host.check(["rm", "-f", path]);
        if (!isFolded)
          await given.host.check(["sh", "-c", "rm -f /var/lib/libvirt/images/plugged*.virtfold-*"]);
      }
      await given.assertHostAsBefore();
    });

  it("a snapshot that somebody takes right before ours is not folded into the base", async () => {
    await given.rememberAll();
    const [base, foreign] = ["web.qcow2", "web.foreign.qcow2"].map(
      (name) => `/var/lib/libvirt/images/${name}`,
    ) as [string, string];
    const run = startBackup(given.argumentsFor("web"));
    await run.logged(/Step take-snapshot$/);
    run.signal("SIGSTOP");
    try {
      const flags = ["--disk-only", "--no-metadata", "--diskspec", `vda,file=${foreign}`];
      await given.host.check(["virsh", "snapshot-create-as", "web", "foreign", ...flags]);
    } finally {
      run.signal("SIGCONT");
    }
    const { code, stdout } = await run.end;
    try {
      assert.equal(code, 4, stdout);
      assert.ok(stdout.includes(`somebody took a snapshot meanwhile, and vda stood on ${foreign}`), stdout);
      assert.ok(stdout.includes(`lies on ${foreign} and not on ${base}, where it was to be folded`), stdout);
      await given.assertStoreAsBefore();
      const live = await given.host.check(["virsh", "domblklist", "web"]);
      assert.match(live, /vda +\/var\/lib\/libvirt\/images\/vda\.virtfold-/);
    } finally {
      // What a person does: everything into the base, both files gone, and then what the sentence says.
      await given.host.check(["virsh", "blockcommit", "web", "vda", "--active", "--pivot", "--wait"]);
      await given.host.check(["sh", "-c", `rm -- ${foreign} /var/lib/libvirt/images/vda.virtfold-*`]);
      await given.host.check(["sh", "-c", "sh /var/lib/virtfold/*/guard.sh restore"]);
    }
    await given.assertHostAsBefore();
  });

  it("an internal snapshot that somebody takes meanwhile is not lost", async () => {
    await given.rememberAll();
    const { code, stdout } = await disturb(async () => {
      await given.host.check(["virsh", "snapshot-create-as", "web", "before update"], {
        deadlineSeconds: 300,
      });
    });
    try {
      assert.equal(code, 4, stdout);
      assert.match(
        stdout,
        /somebody took an internal snapshot of the VM meanwhile, which is in .*vda\.virtfold-/,
      );
      const live = await given.host.check(["virsh", "domblklist", "web"]);
      const [, overlay] = /^ *vda +(\/.*vda\.virtfold-.*)$/m.exec(live) ?? assert.fail(live);
      const inside = await given.host.check(["qemu-img", "info", "-U", overlay ?? ""]);
      assert.match(inside, /^\d+ +before update /m);
    } finally {
      // What the sentence says.
      await given.host.check(["virsh", "snapshot-delete", "web", "before update"]);
      await given.host.check(["sh", "-c", "sh /var/lib/virtfold/*/guard.sh restore"]);
    }
    await given.assertHostAsBefore();
  });

  for (const [how, command] of Object.entries({
    "a QEMU that dies": "kill -KILL $(pgrep -f '[g]uest=web,')",
    "a VM that is destroyed": "virsh destroy web",
  })) {
    const register = how.includes("QEMU") ? it : thorough;
    register(`${how} has all it wrote folded into its base while it is off`, async () => {
      const written = await given.host.guestSequence("web");
      const { code, stderr } = await disturb(async () => {
        await given.host.check(["sh", "-c", command]);
      });
      assert.equal(code, 0, stderr);
      await assertOffAndWhole(written);
    });
  }

  thorough(
    "a guest that shuts itself down has all it wrote folded into its base while it is off",
    async () => {
      const written = await given.host.guestSequence("web");
      const { code, stderr } = await disturb(async () => {
        await given.host.check(["virsh", "shutdown", "--mode", "acpi", "web"]);
        await waitUntil("the guest is off", { limitSeconds: 60 }, async () =>
          (await stateOf(given.host, "web")) === "shut off" ? true : undefined,
        );
      });
      assert.equal(code, 0, stderr);
      await assertOffAndWhole(written);
    },
  );

  /** The VM is off, on its base and without a gap; afterwards it runs as before. */
  async function assertOffAndWhole(written: number): Promise<void> {
    assert.equal(await stateOf(given.host, "web"), "shut off");
    await assertNothingLeft(given.host);
    const images = await given.host.check(["virsh", "domblklist", "web", "--inactive"]);
    assert.match(images, /vda +\/var\/lib\/libvirt\/images\/web\.qcow2/);
    await given.host.check(["qemu-img", "check", "-q", "/var/lib/libvirt/images/web.qcow2"]);
    await given.host.check(["virsh", "start", "web"]);
    await assertGuestWrites(given.host, "web");
    const log = await given.host.guestLog("web");
    assert.doesNotMatch(log, /GAP|IOERROR/);
    assert.ok(Number([...log.matchAll(/^DISK vda (\d+)/gm)].at(-1)?.[1]) > written, log.slice(-500));
    await given.rememberAll();
  }
});
