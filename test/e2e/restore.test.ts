// `restore` on a real hypervisor: a VM comes back beside its original and goes on where its backup ends; whatever fails or
// dies, the host has all of it or nothing.

import assert from "node:assert/strict";
import { open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { restoreStepNames } from "../../lib/model/restore.ts";
import { newestBackup, type FoundBackup } from "../lab/restore-by-hand.ts";
import { stateOf } from "../lab/vm-state.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { withCopiedFileSystem } from "./support/copied-file-system.ts";
import { killWatchers } from "./support/dead-run.ts";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { describeClone, folderOf, removeClone, waitForLine } from "./support/restored-clone.ts";
import { withReadOnlyView } from "./support/read-only-view.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunEnd, type RunningBackup } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const name = "back-again";

/** Nothing of the VM is there, all of it but unproved, and all of it. */
const usualSteps: readonly string[] = ["define-vm", "release-host"];

describe("restore", { skip, timeout: 1_500_000 }, () => {
  let given: BackupCase;
  before(async () => {
    given = await openBackupCase("hv1", ["web", "snaptree"]);
  });
  afterEach(async () => {
    if (given !== undefined) await removeClone(given.host, name);
  });
  after(async () => {
    await given?.scratch.remove();
    if (given !== undefined) await untilNobodyIsLoggedIn(given.host, 120);
  });

  const argumentsFor = (vm: string, ...more: readonly string[]): readonly string[] => [
    ...[`hv1/${vm}`, "--store", given.store, "--ssh-config", given.lab.sshConfig],
    ...["--as", name, "--verbose", "--lease", "6", ...more],
  ];
  const restore = (vm: string, ...more: readonly string[]): Promise<RunEnd> =>
    runBackup(argumentsFor(vm, ...more), { command: "restore" });
  const start = (vm: string, ...more: readonly string[]): RunningBackup =>
    startBackup(argumentsFor(vm, ...more), { command: "restore" });
  const backupOf = async (vm: string): Promise<FoundBackup> =>
    (await newestBackup(given.store, { host: "hv1", vm }))!;
  const remains = (): Promise<string> => describeClone(given.host, name);
  const untilNothingIsLeft = async (): Promise<void> => {
    await waitUntil("the host has undone it", { limitSeconds: 90, explain: remains }, async () =>
      (await remains()) === "" ? true : undefined,
    );
  };

  it("brings a VM back beside its original, and its guest goes on where the copy ends", async () => {
    const { code, stderr, stdout } = await restore("web", "--start");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Restored "back-again" on "hv1", started, in .*; its images are in "\S+"$/m);
    const backup = await backupOf("web");
    const disk = { ...backup, target: "vda", scratch: given.scratch.directory };
    const numbers = await withCopiedFileSystem(disk, (fileSystem) => fileSystem.readSequence());
    const first = numbers.at(-1)! + 1;
    const text = await waitForLine(
      given.host,
      { name, vm: "web" },
      new RegExp(`^SEQ ${first + 2}\\r?$`, "m"),
    );
    assert.equal(Number(/^SEQ (\d+)\r?\n/m.exec(text)?.[1]), first);
    assert.doesNotMatch(text, /GAP|IOERROR/);
    assert.equal(await stateOf(given.host, "web"), "running");
    const xml = await given.host.check(["virsh", "dumpxml", "--inactive", name]);
    const original = await given.host.check(["virsh", "dumpxml", "--inactive", "web"]);
    const unique = /(?:<uuid>|<mac address='|<source (?:file|path)=')[^<']*/g;
    for (const text of original.match(unique) ?? []) assert.ok(!xml.includes(text), text);
    assert.match(await given.host.check(["virsh", "dominfo", name]), /^Autostart: +disable$/m);
    const uuid = (await given.host.check(["virsh", "domuuid", name])).trim();
    // No note of a guard is kept for a VM that no backup has met yet.
    assert.equal(await given.host.check(["find", "/var/lib/virtfold", "-name", `${uuid}*`]), "");
  });

  it("brings internal snapshots back in their tree, each with the content of its time", async () => {
    const { code, stderr } = await restore("snaptree");
    assert.equal(code, 0, stderr);
    const { host } = given;
    for (const question of [
      ["snapshot-list", "--tree"],
      ["snapshot-current", "--name"],
    ] as const)
      assert.equal(
        await host.check(["virsh", ...question, name]),
        await host.check(["virsh", ...question, "snaptree"]),
      );
    const { manifest } = await backupOf("snaptree");
    const raw = "/srv/content-then.raw";
    const image = join(folderOf(name), "vda.qcow2");
    for (const { name: snapshot, internalTargets } of manifest.snapshots.order) {
      assert.deepEqual(internalTargets, ["vda"]);
      await host.check(["virsh", "snapshot-revert", name, snapshot, ...(await pausing(snapshot))]);
      const select = ["-U", "-f", "qcow2", "-O", "raw", "-l", `snapshot.name=${snapshot}`] as const;
      await host.check(["qemu-img", "convert", ...select, manifest.disks[0]!.source.path, raw]);
      await host.check(["qemu-img", "compare", "-U", "-f", "raw", "-F", "qcow2", raw, image]);
    }
    await host.check(["rm", raw]);
  });

  /** One with memory would go on and write. */
  async function pausing(snapshot: string): Promise<readonly string[]> {
    const xml = await given.host.check(["virsh", "snapshot-dumpxml", "snaptree", snapshot]);
    return /^ {2}<state>running<\/state>$/m.test(xml) ? ["--paused"] : [];
  }

  it("shows what it would do, and does nothing", async () => {
    const { code, stdout, stderr } = await restore(
      ...(["web", "--dry-run", "--network", "detach", "--no-snapshots"] as const),
    );
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /Cannot note/);
    assert.match(stdout, /would become "back-again"[\s\S]*nothing was changed$/m);
    assert.equal(await remains(), "");
  });

  it("warns where a store that is read-only lets nobody know that it reads a backup of it", async () => {
    await withReadOnlyView(given.store, given.scratch.directory, async (view) => {
      const { code, stderr } = await restore("web", "--dry-run", "--store", view);
      assert.equal(code, 0);
      assert.match(
        stderr,
        /WARNING: Cannot note beside ".*\/hv1\/web\/\S+" that it is being read \(EROFS\): a prune on another machine could remove it meanwhile$/m,
      );
    });
  });

  thorough(
    "pulls the cables of its network cards, and keeps their addresses where that is asked for",
    async () => {
      const { code, stderr } = await restore("web", "--network", "detach", "--mac", "keep", "--start");
      assert.equal(code, 0, stderr);
      const macOf = async (vm: string): Promise<string | undefined> =>
        /<mac address='([^']*)/.exec(await given.host.check(["virsh", "dumpxml", vm]))?.[1];
      assert.equal(await macOf(name), await macOf("web"));
      assert.match(await given.host.check(["virsh", "dumpxml", name]), /<link state='down'\/>/);
    },
  );

  it("names each thing that does not fit with what to change, and touches nothing", async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["--as", "web"], /a VM called "web" is there already \(choose another name with --as\)/],
      [["--image-dir", "/nowhere"], /there is no folder "\/nowhere" for the images/],
      [["--network", "no such"], /it has no network "no such" \(make it, or use --network/],
      [["--image-dir", "relative"], /--image-dir cannot be "relative": it is no full path/],
    ];
    for (const [flags, sentence] of cases) {
      const { code, stderr } = await restore("web", ...flags);
      assert.match(stderr, sentence);
      assert.equal(code, flags[1] === "relative" ? 2 : 3);
    }
    assert.equal(await remains(), "");
  });

  it("keeps nothing of an image that is damaged in the store, and names it", async () => {
    const { folder, manifest } = await backupOf("web");
    const path = join(folder, manifest.disks[0]!.layers[0]!.fileName);
    const turn = async (): Promise<void> => {
      const file = await open(path, "r+");
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 5_000_000);
      await file.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 5_000_000);
      await file.close();
    };
    await turn();
    try {
      const { code, stderr } = await restore("web");
      assert.equal(code, 3);
      assert.match(stderr, /^ERROR: Cannot restore from "\S+vda\.qcow2": it is not what it was when/m);
    } finally {
      await turn();
    }
    assert.equal(await remains(), "");
  });

  it("keeps its backup from being removed while it reads it, and undoes everything after Ctrl-C", async () => {
    const { folder } = await backupOf("web");
    const readers = async (): Promise<number> =>
      (await readdir(dirname(folder))).filter((entry) => entry.startsWith(`.reading-${basename(folder)}-`))
        .length;
    await withSlowLink(given.host, 8, async () => {
      const run = start("web");
      await run.logged(/vda: .* → /);
      assert.equal(await readers(), 1);
      run.signal("SIGINT");
      const { code, stderr } = await run.end;
      assert.equal(code, 130, stderr);
    });
    assert.equal(await readers(), 0);
    assert.equal(await remains(), "");
  });

  it("is undone by the host itself when the network is cut for good", async () => {
    await withSlowLink(given.host, 8, async () => {
      const run = start("web");
      await run.logged(/vda: .* → /);
      await given.host.cutNetwork();
      await untilNothingIsLeft();
      await given.host.mendNetwork();
      assert.equal((await run.end).code, 3);
    });
    assert.equal(await remains(), "");
  });

  thorough("is undone by recover when its controller and the host's watcher are both dead", async () => {
    await withSlowLink(given.host, 8, async () => {
      const run = start("web");
      await run.logged(/vda: .* → /);
      run.signal("SIGKILL");
      await run.end;
      await killWatchers(given.host);
    });
    assert.match(await remains(), /\.restoring$/m);
    const recover = ["hv1", "--ssh-config", given.lab.sshConfig];
    const { code, stdout, stderr } = await runBackup(recover, { command: "recover" });
    assert.equal(code, 0, stdout + stderr);
    assert.equal(await remains(), "");
  });

  for (const step of restoreStepNames) {
    const register = usualSteps.includes(step) ? it : thorough;
    register(`leaves all or nothing when it is killed at ${step}`, async () => {
      const run = start("snaptree", "--start");
      await run.logged(new RegExp(`Step ${step}$`, "m"));
      run.signal("SIGKILL");
      await run.end;
      await waitUntil("the host has ended it", { limitSeconds: 90, explain: remains }, async () =>
        /journal|virtfold-/.test(await remains()) ? undefined : true,
      );
      const left = await remains();
      if (left === "") return;
      assert.ok(
        ["keep-vm", "release-host", "start-vm"].includes(step),
        `something is left of ${step}: ${left}`,
      );
      const { manifest } = await backupOf("snaptree");
      const lines = left.trimEnd().split("\n");
      const snapshots = manifest.snapshots.order.map((snapshot) => snapshot.name);
      assert.deepEqual(lines.toSorted(), [name, ...snapshots, folderOf(name)].toSorted());
      if ((await stateOf(given.host, name)) !== "running") await given.host.check(["virsh", "start", name]);
    });
  }
});
