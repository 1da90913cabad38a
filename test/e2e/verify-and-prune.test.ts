// `verify` and `prune` on real backups: damage is named, and a removal leaves each backup whole or gone.

import assert from "node:assert/strict";
import { watch } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { removeClone } from "./support/restored-clone.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { withSlowLink } from "./support/slow-link.ts";
import { backupFolders, rememberStore } from "./support/store-memory.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunEnd, type RunOptions } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const vm = "uefi";
const clone = "pruned-no-more";

describe("a store of real backups", { skip, timeout: 600_000 }, () => {
  let test: TestHost;
  let scratch: ScratchFolder;
  let store: string;
  before(async () => {
    test = await openTestHost("hv1", [vm]);
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
    for (let count = 0; count < 4; count++) await backUp();
  });
  after(async () => {
    if (test !== undefined) await removeClone(test.host, clone);
    await scratch?.remove();
    if (test !== undefined) await untilNobodyIsLoggedIn(test.host, 120);
  });

  async function backUp(): Promise<void> {
    const { code, stderr } = await runBackup([
      `hv1/${vm}`,
      "--store",
      store,
      "--ssh-config",
      test.lab.sshConfig,
    ]);
    assert.equal(code, 0, stderr);
  }
  const run = (command: NonNullable<RunOptions["command"]>, ...args: readonly string[]): Promise<RunEnd> =>
    runBackup([...args, "--store", store], { command });
  const folders = (): Promise<readonly string[]> => backupFolders(store, "hv1", vm);
  const states = async (): Promise<readonly string[]> => {
    const { stdout } = await run("list", "--json");
    return (JSON.parse(stdout) as { backups: { state: string }[] }).backups.map(({ state }) => state);
  };

  it("has one flipped byte named by verify, and is good again without it", async () => {
    const [first] = await folders();
    const path = join(store, "hv1", vm, first!, "vda.qcow2");
    await flip(path);
    const bad = await run("verify", "--json");
    assert.equal(bad.code, 3, bad.stderr);
    const lines = bad.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as VerifyLine);
    const damaged = lines.filter(({ state }) => state === "damaged");
    assert.deepEqual(
      damaged.map(({ when, damages }) => [when, damages!.map(({ fileName }) => fileName)]),
      [[first, ["vda.qcow2"]]],
    );
    assert.deepEqual([...(await states())].sort(), ["damaged", "good", "good", "good"]);
    await flip(path);
    const again = await run("verify", `hv1/${vm}@${first}`);
    assert.equal(again.code, 0, again.stdout);
    assert.match(again.stdout, /^1 of 1 backup good, 0 damaged/m);
    // Written to since it was published: what was changed, be it back, is not counted as a backup any more.
    assert.deepEqual([...(await states())].sort(), ["good", "good", "good", "touched"]);
  });

  thorough("is verified in samples, longest ago first, and not before its time", async () => {
    const young = await run("verify", "--older-than", "1h");
    assert.match(young.stdout, /^Nothing to verify$/m);
    const order: string[] = [];
    for (let count = 0; count < 4; count++) {
      const { stdout } = await run("verify", "--sample", "25", "--json");
      order.push((JSON.parse(stdout.split("\n")[0]!) as VerifyLine).when!);
    }
    assert.deepEqual(order.toSorted(), await folders());
  });

  it("is only looked at by prune --dry-run, which says of each why", async () => {
    const memory = await rememberStore(store);
    const { code, stdout } = await run("prune", "--max-backups", "1", "--dry-run", "--json");
    assert.equal(code, 0);
    const document = JSON.parse(stdout) as { isDryRun: boolean; backups: { fate: string; why: string }[] };
    assert.equal(document.isDryRun, true);
    assert.deepEqual(document.backups.map(({ fate }) => fate).toSorted(), [
      ...["ignored", "kept", "would-remove", "would-remove"],
    ]);
    assert.ok(document.backups.every(({ why }) => why !== ""));
    assert.deepEqual(await rememberStore(store), memory);
  });

  thorough("keeps a backup that is being restored", async () => {
    const [, second] = await folders();
    await withSlowLink(test.host, 8, async () => {
      const args = [`hv1/${vm}@${second}`, "--as", clone, "--store", store, "--lease", "6"];
      const restore = startBackup([...args, "--ssh-config", test.lab.sshConfig], { command: "restore" });
      await restore.logged(/vda: .* → |kernel: .* → /);
      const { code, stdout } = await run("prune", "--max-backups", "1");
      assert.equal(code, 0, stdout);
      assert.match(stdout, new RegExp(`^hv1 +${vm} +${second} +kept, in use `, "m"));
      restore.signal("SIGINT");
      assert.equal((await restore.end).code, 130);
    });
    assert.ok((await folders()).includes(second!));
    assert.equal((await folders()).length, 3);
  });

  it("is pruned by one of two at once; the other one says who holds it, or finds nothing to do", async () => {
    await backUp();
    const ends = await Promise.all([1, 2].map(() => run("prune", "--max-backups", "1")));
    const codes = ends.map(({ code }) => code);
    assert.ok(codes.includes(0), codes.join());
    assert.ok(
      codes.every((code) => code === 0 || code === 11),
      codes.join(),
    );
    assert.deepEqual([...(await states())].sort(), ["good", "touched"]);
  });

  it("lists no half of a backup when a prune is killed as it removes one, and the next prune ends that", async () => {
    await backUp();
    await backUp();
    const prune = startBackup(["--store", store, "--max-backups", "1"], { command: "prune" });
    const watcher = watch(join(store, "hv1", vm), (_, name) => {
      if (name?.startsWith(".deleting-") === true) prune.signal("SIGKILL");
    });
    await prune.end;
    watcher.close();
    const found = await states();
    assert.ok(
      found.every((state) => ["good", "touched", "deleting"].includes(state)),
      found.join(),
    );
    const { code } = await run("prune", "--max-backups", "1");
    assert.equal(code, 0);
    assert.deepEqual([...(await states())].sort(), ["good", "touched"]);
    assert.deepEqual(
      (await readdir(join(store, "hv1", vm))).filter((name) => /^\.(deleting|removing)-/.test(name)),
      [],
    );
    const verified = await run("verify");
    assert.equal(verified.code, 0, verified.stdout);
  });
});

interface VerifyLine {
  readonly state?: string;
  readonly when?: string;
  readonly damages?: readonly { readonly fileName: string }[];
}

/** Turns one bit in the middle of a file; done twice it is as it was. */
async function flip(path: string): Promise<void> {
  const file = await open(path, "r+");
  const at = Math.floor((await file.stat()).size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, at);
  await file.close();
}
