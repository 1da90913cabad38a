// What the flags do: those of the single-host script keep their names and their meaning.

import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { newestBackup, type FoundBackup } from "../lab/restore-by-hand.ts";
import { runChecked } from "../lab/run-checked.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { assertHostAsBefore, rememberHost } from "./support/host-memory.ts";
import { backupFolders, rememberStore } from "./support/store-memory.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

interface ToldToHook {
  readonly moment: string;
  readonly vm?: string;
  readonly result?: { readonly result?: string; readonly exitCode?: number };
}

describe("flags of backup", { timeout: 900_000 }, () => {
  let given: BackupCase;
  before(async () => void (given = await openBackupCase("hv2", ["off", "snaptree"])));
  after(() => given?.scratch.remove());

  /** Backs up with these arguments into a store of its own. */
  async function backUp(
    target: string,
    flags: readonly string[],
  ): Promise<{ readonly end: RunEnd; readonly store: string }> {
    const store = await given.scratch.newStore();
    const end = await runBackup([
      target,
      "--backup-base-dir",
      store,
      "--ssh-config",
      given.lab.sshConfig,
      ...flags,
    ]);
    return { end, store };
  }

  async function found(store: string, vm: string): Promise<FoundBackup> {
    const backup = await newestBackup(store, { host: "hv2", vm });
    assert.ok(backup !== undefined, `no backup of ${vm}`);
    return backup;
  }

  it("--backup-base-dir, --vm-domain, --compress and --new-vm-domain-name in one line, as with the script", async () => {
    const { end, store } = await backUp("hv2", [
      "--vm-domain",
      "off",
      "--compress",
      "--new-vm-domain-name",
      "off again",
    ]);
    assert.equal(end.code, 0, end.stderr);
    const { folder, manifest } = await found(store, "off");
    assert.equal(manifest.newName, "off again");
    assert.match(
      await readFile(join(folder, manifest.files.patchedXml.fileName), "utf8"),
      /<name>off again<\/name>/,
    );
    assert.equal(await newestBackup(store, { host: "hv2", vm: "snaptree" }), undefined);
    assert.match(end.stderr, /vda: compressed with zstd, [\d.]+ MiB → [\d.]+ MiB$/m);
    assert.equal(manifest.disks[0]!.compression, "zstd");
    await assertSameAsBefore(folder);
  });

  it("--hook is told of each VM before and after it, and keeps one from being backed up", async () => {
    const hook = join(given.scratch.directory, "hook");
    const log = join(given.scratch.directory, "hook.log");
    const text = `#!/bin/sh\nfacts=$(cat)\nprintf '%s\\n' "$facts" >>'${log}'\n`;
    const veto = `case $1:$facts in before-vm:*'"vm":"snaptree"'*) echo not today >&2; exit 1 ;; esac\n`;
    await writeFile(hook, text + veto, { mode: 0o755 });
    const { end, store } = await backUp("hv2", [
      "--vm-domain",
      "off",
      "--vm-domain",
      "snaptree",
      "--hook",
      hook,
    ]);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /^! Cannot go on past hook .* \(before-vm\): exit code 1: not today\./m);
    assert.ok((await found(store, "off")) !== undefined);
    assert.equal(await newestBackup(store, { host: "hv2", vm: "snaptree" }), undefined);
    const told = (await readFile(log, "utf8")).trimEnd().split("\n");
    const facts = told.map((line) => JSON.parse(line) as ToldToHook);
    const moments = facts.map(({ moment, vm }) => (vm === undefined ? moment : `${moment} ${vm}`));
    assert.deepEqual(moments.toSorted(), [
      "after-run",
      "after-vm off",
      "before-run",
      "before-vm off",
      "before-vm snaptree",
    ]);
    assert.equal(facts.find(({ moment }) => moment === "after-vm")?.result?.result, "ok");
    assert.equal(facts.at(-1)?.result?.exitCode, 3);
  });

  /** The first backup of the VM, which is shut off, was not compressed. */
  async function assertSameAsBefore(folder: string): Promise<void> {
    const plain = await found(given.store, "off");
    const images = [plain.folder, folder].map((path) => join(path, "vda.qcow2"));
    // Not -s: that compares also which clusters are allocated.
    await runChecked(["qemu-img", "compare", ...images]);
    await runChecked(["qemu-img", "check", "-q", images[1]!]);
  }

  thorough("--compress takes zlib where the host's QEMU is too old to read zstd", async () => {
    await given.host.check(["sh", "-c", pretendOldQemu]);
    try {
      const { end, store } = await backUp("hv2/off", ["--compress"]);
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stderr, /vda: compressed with zlib/);
      const { folder } = await found(store, "off");
      assert.match(
        await runChecked(["qemu-img", "info", join(folder, "vda.qcow2")]),
        /compression type: zlib/,
      );
      await assertSameAsBefore(folder);
    } finally {
      await given.host.check(["mv", "/usr/bin/.real-qemu-img", "/usr/bin/qemu-img"]);
    }
  });

  it("--compress leaves a disk with internal snapshots as it is, and says so", async () => {
    const memory = await rememberHost(given.host, ["snaptree"]);
    const { end, store } = await backUp("hv2/snaptree", ["--compress"]);
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stderr, /vda: not compressed, since that would lose its internal snapshots$/m);
    const { folder, manifest } = await found(store, "snaptree");
    assert.equal(manifest.disks[0]!.compression, "none");
    const snapshots = await runChecked(["qemu-img", "snapshot", "-l", join(folder, "vda.qcow2")]);
    for (const { name } of manifest.snapshots.order) assert.ok(snapshots.includes(name), snapshots);
    assert.equal(manifest.snapshots.order.length, 4);
    await assertHostAsBefore(given.host, memory);
  });

  it("--max-backups keeps the newest good ones; what is broken, partial or foreign is neither counted nor touched", async () => {
    const store = await given.scratch.newStore();
    const run = async (): Promise<void> => {
      const end = await runBackup([...given.argumentsFor("off").with(2, store), "--max-backups", "2"]);
      assert.equal(end.code, 0, end.stderr);
    };
    await run();
    const vmFolder = join(store, "hv2/off");
    const [first = ""] = await backupFolders(store, "hv2", "off");
    const strangers = await plantStrangers(vmFolder, first);
    const ours = async (): Promise<readonly string[]> =>
      (await backupFolders(store, "hv2", "off")).filter((name) => !strangers.includes(name)).toSorted();
    await run();
    const [oldest, second = "", ...more] = await ours();
    assert.deepEqual([oldest, more], [first, []]);
    await run();
    const left = await ours();
    assert.equal(left.length, 2);
    assert.equal(left[0], second);
    assert.notEqual(left[1], first);
    const { code, stdout } = await runBackup(["--store", store], { command: "list" });
    assert.equal(code, 0);
    const states = stdout.split("\n").filter((line) => line.startsWith("hv2 "));
    assert.equal(states.filter((line) => / good$/.test(line)).length, 2, stdout);
    assert.ok(
      states.some((line) => / broken \(/.test(line)),
      stdout,
    );
    assert.ok(
      states.some((line) => /^hv2 +off +notes .* foreign \(/.test(line)),
      stdout,
    );
    for (const name of strangers) assert.equal(await readFile(join(vmFolder, name, "kept"), "utf8"), name);
  });

  thorough("--max-backups of a failed run removes nothing", async () => {
    const before = await rememberStore(given.store);
    const end = await withSlowLink(given.host, 40, async () => {
      const run = startBackup([...given.argumentsFor("off"), "--max-backups", "1"]);
      await run.logged(/vda: .* → /);
      await given.host.check(["touch", "/var/lib/libvirt/images/off.qcow2"]);
      return await run.end;
    });
    assert.equal(end.code, 3, end.stderr);
    assert.deepEqual(await rememberStore(given.store), before);
  });
});

/** Puts things beside a backup that are none, some with names like one's; returns their names. */
async function plantStrangers(vmFolder: string, backup: string): Promise<readonly string[]> {
  const broken = "2020-01-01-000000";
  const names = [
    broken,
    "2020-01-02-000000-mine",
    `${backup}.old`,
    ".partial-20200101-000000-abcdef",
    "notes",
  ];
  for (const name of names) {
    await mkdir(join(vmFolder, name), { recursive: true });
    await writeFile(join(vmFolder, name, "kept"), name);
  }
  await cp(join(vmFolder, backup), join(vmFolder, broken), { recursive: true });
  await rm(join(vmFolder, broken, "vda.qcow2"));
  return names;
}

/** A qemu-img of before 5.1 by its own word. */
const pretendOldQemu = `
mv /usr/bin/qemu-img /usr/bin/.real-qemu-img
cat >/usr/bin/qemu-img <<'TEXT'
#!/bin/sh
[ "$1" = --version ] && { echo "qemu-img version 4.2.1 (old)"; exit 0; }
exec /usr/bin/.real-qemu-img "$@"
TEXT
chmod 755 /usr/bin/qemu-img`;
