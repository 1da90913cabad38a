// The commands of docs/files-from-a-backup.md, as they stand, on real backups of a qcow2 and of a raw disk.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runLocal } from "../../lib/shell/run-local.ts";
import { quoteArgument } from "../../lib/shell/command.ts";
import { newestBackup } from "../lab/restore-by-hand.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { rememberStore } from "./support/store-memory.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { runBackup } from "./support/virtfold-process.ts";

const page = new URL("../../docs/files-from-a-backup.md", import.meta.url);
const skip = process.getuid?.() === 0 ? false : "needs root";
const hasNbd = existsSync("/dev/nbd0");

describe("docs/files-from-a-backup.md", { skip, timeout: 300_000 }, () => {
  let test: TestHost;
  let scratch: ScratchFolder;
  let store: string;
  before(async () => {
    test = await openTestHost("hv1", ["db"]);
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
    const { code, stderr } = await runBackup([
      "hv1/db",
      "--store",
      store,
      "--ssh-config",
      test.lab.sshConfig,
    ]);
    assert.equal(code, 0, stderr);
  });
  after(async () => await scratch?.remove());

  /** Runs the commands under a heading; the file that they bring must be the one that the guest wrote. */
  async function follow(heading: string, target: string): Promise<void> {
    const backup = (await newestBackup(store, { host: "hv1", vm: "db" }))!;
    const layer = backup.manifest.disks.find((disk) => disk.target === target)!.layers[0]!;
    const memory = await rememberStore(store);
    const text = await readFile(page, "utf8");
    const commands = /^```sh\n(.*?)^```$/ms.exec(text.slice(text.indexOf(`## ${heading}`)))?.[1] ?? "";
    const image = join(backup.folder, layer.fileName);
    // The file system of a lab's guest fills its disk.
    const variables = [
      `image=${quoteArgument(image)}`,
      `format=${layer.format}`,
      "part=",
      "wanted=sequence.log",
    ];
    const folder = await mkdtemp(join(scratch.directory, "look-"));
    const script = ["set -eu", `cd ${quoteArgument(folder)}`, ...variables, commands].join("\n");
    const { code, stderr } = await runLocal(["sh", "-c", script]);
    assert.equal(code, 0, stderr);
    const numbers = (await readFile(join(folder, "sequence.log"), "utf8")).trimEnd().split("\n").map(Number);
    assert.ok(
      numbers.length > 0 &&
        numbers.every((number, index) => index === 0 || number === numbers[index - 1]! + 1),
    );
    assert.deepEqual(await rememberStore(store), memory);
  }

  it("begins with the variables that the rest uses", async () => {
    const [, first = ""] = /^```sh\n(.*?)^```$/ms.exec(await readFile(page, "utf8")) ?? [];
    assert.deepEqual(
      first
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/=.*/, "")),
      ["image", "format", "part", "wanted"],
    );
  });

  if (hasNbd)
    it("gets a file out of a qcow2 image with nbd", async () => await follow("With the kernel's nbd", "vda"));
  else
    it("has commands that were NOT TRIED HERE, those with nbd, because this machine's kernel has none", async () => {
      assert.match(await readFile(page, "utf8"), /^## With the kernel's nbd$/m);
    });

  it("gets a file out of a qcow2 image without nbd", async () => {
    await follow("Without nbd", "vda");
  });

  it("gets a file out of a raw image", async () => {
    await follow("A raw image", "vdb");
  });
});
