import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeNewFiles, type NewFile } from "../../lib/cli/write-new-files.ts";

describe("writeNewFiles()", () => {
  let top: string;
  before(async () => {
    top = await mkdtemp(join(tmpdir(), "virtfold-new-files-"));
  });
  after(() => rm(top, { recursive: true, force: true }));

  async function place(
    name: string,
  ): Promise<{ readonly folder: string; readonly files: readonly NewFile[] }> {
    const folder = join(top, name);
    await mkdir(folder);
    const files = [
      { path: join(folder, ".env"), text: "secret\n", mode: 0o600 },
      { path: join(folder, "hosts/new/inventory.yaml"), text: "hosts:\n", mode: 0o644 },
    ];
    return { folder, files };
  }
  const filesIn = async (folder: string): Promise<readonly string[]> =>
    (await readdir(folder, { recursive: true })).filter((name) => !/^hosts(?:\/new)?$/.test(name)).toSorted();

  it("writes all, with their modes, and makes their folders", async () => {
    const { folder, files } = await place("all");
    await writeNewFiles(files);
    assert.deepEqual(await filesIn(folder), [".env", "hosts/new/inventory.yaml"]);
    for (const { path, text, mode } of files) {
      assert.equal(await readFile(path, "utf8"), text);
      assert.equal((await stat(path)).mode & 0o777, mode);
    }
  });

  it("writes none when one is there already, which stays as it is", async () => {
    for (const [index, which] of [0, 1].entries()) {
      const { folder, files } = await place(`there-${index}`);
      await mkdir(join(folder, "hosts/new"), { recursive: true });
      await writeFile(files[which]!.path, "mine");
      await assert.rejects(writeNewFiles(files), { code: "EEXIST" });
      assert.equal(await readFile(files[which]!.path, "utf8"), "mine");
      assert.equal((await filesIn(folder)).length, 1);
    }
  });

  it("does not write through a link that leads nowhere", async () => {
    const { folder, files } = await place("link");
    await symlink(join(folder, "elsewhere"), files[0]!.path);
    await assert.rejects(writeNewFiles(files), { code: "EEXIST" });
    assert.deepEqual(await filesIn(folder), [".env"]);
  });

  it("writes none when a folder cannot be made", async () => {
    const { folder, files } = await place("no-folder");
    await writeFile(join(folder, "hosts"), "a file");
    await assert.rejects(writeNewFiles(files), /EEXIST|ENOTDIR/);
    assert.deepEqual(await filesIn(folder), []);
  });

  it("gives the files to one of many that write them at once", async () => {
    const { folder, files } = await place("race");
    const writers = Array.from({ length: 8 }, (_, index) =>
      writeNewFiles(files.map((file) => ({ ...file, text: `${index}` }))),
    );
    const ends = await Promise.allSettled(writers);
    const winners = ends.flatMap(({ status }, index) => (status === "fulfilled" ? [`${index}`] : []));
    assert.equal(winners.length, 1);
    assert.deepEqual(await filesIn(folder), [".env", "hosts/new/inventory.yaml"]);
    for (const { path } of files) assert.equal(await readFile(path, "utf8"), winners[0]);
  });
});
