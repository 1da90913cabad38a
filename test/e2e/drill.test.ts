// `drill` on a real hypervisor: a backup boots without a network, and nothing of it is left, whatever fails or dies.

import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { drillStepNames } from "../../lib/model/drill.ts";
import { newestBackup, type FoundBackup } from "../lab/restore-by-hand.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { rememberStore } from "./support/store-memory.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunningBackup } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const images = "/var/lib/libvirt/images";

describe("drill", { skip, timeout: 900_000 }, () => {
  let given: TestHost & { readonly store: string; readonly guardFiles: readonly string[] };
  before(async () => {
    const test = await openTestHost("hv1", ["web"]);
    // At the same path in every host.
    const store = await mkdtemp(join(test.lab.storeDirectory, "drill-"));
    for (const folder of [dirname(test.lab.storeDirectory), test.lab.storeDirectory, store])
      await chmod(folder, 0o711);
    const args = ["hv1/web", "--store", store, "--ssh-config", test.lab.sshConfig];
    const { code, stderr } = await runBackup(args);
    assert.equal(code, 0, stderr);
    // Of the VMs that were backed up there, not of any drill.
    const guardFiles = (await test.host.check(["sh", "-c", listGuardFiles])).split("\n").slice(0, -1);
    given = { ...test, store, guardFiles };
  });
  after(async () => {
    if (given === undefined) return;
    await rm(given.store, { recursive: true });
    await untilNobodyIsLoggedIn(given.host, 120);
  });

  const start = (...more: readonly string[]): RunningBackup =>
    startBackup(
      [
        "hv1/web",
        "--store",
        given.store,
        "--ssh-config",
        given.lab.sshConfig,
        "--verbose",
        "--lease",
        "6",
        ...more,
      ],
      { command: "drill" },
    );
  const theBackup = async (): Promise<FoundBackup> =>
    (await newestBackup(given.store, { host: "hv1", vm: "web" }))!;
  const remains = async (): Promise<string> => {
    const found = await given.host.check(["sh", "-c", listRemains, "sh", images]);
    return found
      .split("\n")
      .filter((line) => !given.guardFiles.includes(line))
      .join("\n");
  };
  const cloneOf = async (): Promise<string> =>
    (await given.host.check(["virsh", "list", "--name"]))
      .split("\n")
      .find((name) => name.startsWith("drill-"))!;

  it("boots the backup itself below overlays, unplugged, and notes how long it took", async () => {
    const { folder, manifest } = await theBackup();
    // QEMU's user may not look into a store; here he may read this one image.
    const image = join(folder, manifest.disks[0]!.layers[0]!.fileName);
    await chmod(image, 0o644);
    const memory = await rememberStore(folder);
    const run = start("--expect", "port:4444", "--timeout", "120");
    await run.logged(/QEMU reads the backup where it is/);
    await run.logged(/Started, without a network/);
    const readers = (await readdir(dirname(folder))).filter((name) => name.startsWith(".reading-"));
    assert.deepEqual(
      readers.map((name) => name.startsWith(`.reading-${basename(folder)}-`)),
      [true],
    );
    const clone = await cloneOf();
    assert.match(await given.host.check(["virsh", "dumpxml", clone]), /<link state='down'\/>/);
    await waitUntil("its agent answers", { limitSeconds: 120, everyMilliseconds: 300 }, async () =>
      (await given.host.run(["virsh", "domtime", clone])).code === 0 ? true : undefined,
    );
    await given.host.guestExec(
      clone,
      "(nc -l -p 4444 || busybox nc -l -p 4444) >/dev/null 2>&1 </dev/null &",
    );
    const { code, stdout, stderr } = await run.end;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^hv1 +web +\S+ +hv1 +booted +[\d.]+ s$/m);
    assert.equal(await remains(), "");
    assert.deepEqual(await rememberStore(folder), memory);
    await chmod(image, 0o600);
    assert.equal((await stat(image)).uid, process.getuid?.());
    const listed = await runBackup(["--store", given.store, "--json"], { command: "list" });
    const { backups } = JSON.parse(listed.stdout) as {
      backups: { state: string; drilled: { state: string } }[];
    };
    assert.deepEqual(
      backups.map(({ state, drilled }) => [state, drilled.state]),
      [["good", "booted"]],
    );
  });

  it("keeps what a clone printed that showed no life, and says so with exit code 3", async () => {
    const run = start("--expect", "serial:^(S+)+EQ never$", "--timeout", "30");
    await run.logged(/Images are copied: QEMU's user there cannot read the store/);
    const { code, stdout, stderr } = await run.end;
    assert.equal(code, 3, stdout + stderr);
    const [, kept = ""] = /kept in the store: "(\S+serial\.txt)"/.exec(stdout) ?? [];
    assert.match(await readFile(join(given.store, kept), "utf8"), /^SEQ \d+\r?$/m);
    assert.match(stderr, /No screenshot to keep: /);
    assert.equal(await remains(), "");
    const { stdout: table } = await runBackup(["--store", given.store], { command: "list" });
    assert.match(table, / failed +good$/m);
  });

  for (const step of drillStepNames) {
    const register = step === "boot-clone" ? it : thorough;
    register(`leaves nothing when it is killed at ${step}`, async () => {
      // Evidence is kept of one that shows no life only.
      const run = step === "keep-evidence" ? start("--expect", "serial:^never$", "--timeout", "10") : start();
      await run.logged(new RegExp(`Step ${step}$`, "m"));
      if (step === "boot-clone") await waitForClone();
      run.signal("SIGKILL");
      await run.end;
      await waitUntil("the host has ended it", { limitSeconds: 90, explain: remains }, async () =>
        (await remains()) === "" ? true : undefined,
      );
    });
  }

  async function waitForClone(): Promise<void> {
    await waitUntil("the clone starts", { limitSeconds: 60 }, async () =>
      (await cloneOf()) ? true : undefined,
    );
  }

  it("says what it would do, and what it cannot", async () => {
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["--dry-run"], 0, /^Would boot "\S+" on "hv1", and wait 300 s until its guest agent answers$/m],
      [["--expect", "serial:("], 2, /--expect cannot be "serial:\(": .*missing closing \)/],
      [["--timeout", "0"], 2, /--timeout cannot be "0": a whole number of 1 to 86400/],
      [["--on", "hv1/web"], 2, /"hv1\/web" is not one host: name the one to boot on with --on/],
      [["--image-dir", "/nowhere"], 3, /there is no folder "\/nowhere" for the images/],
    ];
    for (const [flags, expected, sentence] of cases) {
      const { code, stdout, stderr } = await start(...flags).end;
      assert.match(stdout + stderr, sentence);
      assert.equal(code, expected);
    }
  });
});

/** All that a drill may have left on a host: nothing when empty. */
const listGuardFiles = "ls -d /var/lib/virtfold/* 2>/dev/null; true";

const listRemains = `
virsh list --all --name | grep '^drill-'
ls -d "$1"/*.virtfold-* /var/log/libvirt/qemu/drill-* /etc/libvirt/qemu/drill-* /run/libvirt/qemu/drill-* 2>/dev/null
${listGuardFiles}
ls -d /var/lib/libvirt/qemu/*drill-* /var/lib/libvirt/qemu/channel/target/*drill-* 2>/dev/null
true`;
