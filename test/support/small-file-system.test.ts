// The small file system of the fault tests, on a host whose mount table is a file: it must come up whatever is there.

import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { runLocal } from "../../lib/shell/run-local.ts";
import { makeSmallFileSystem, removeSmallFileSystem } from "../faults/small-file-system.ts";
import type { LabHost } from "../lab/lab-host.ts";

/** In `mounts` is a line for each mount: its folder; in `used` the inode of each image that is open. */
const programs = {
  mountpoint: 'grep -qxF "$2" "$TABLES/mounts"',
  "mkfs.ext4": 'for last; do :; done; ! grep -qx "$(stat -c %i "$last")" "$TABLES/used"',
  // The link keeps its inode from being given to the next image, as an open file does.
  mount:
    'i=$(stat -c %i "$3"); ln -f "$3" "$TABLES/open.$i"; echo "$i" >>"$TABLES/used"; echo "$4" >>"$TABLES/mounts"',
  umount: `
for last; do :; done
grep -qxF "$last" "$TABLES/mounts" || exit 32
[ -e "$TABLES/busy" ] && [ "$1" != --lazy ] && exit 32
[ -e "$TABLES/busy" ] || sed -i '$d' "$TABLES/used"
sed -i '$d' "$TABLES/mounts"`,
};

describe("makeSmallFileSystem()", () => {
  let tables: string;
  let folder: string;
  let host: LabHost;

  beforeEach(async () => {
    tables = await mkdtemp(join(tmpdir(), "virtfold-small-"));
    folder = join(tables, "small");
    const bin = join(tables, "bin");
    await mkdir(bin);
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(bin, name), 0o755);
    }
    for (const table of ["mounts", "used"]) await writeFile(join(tables, table), "");
    const environment = { TABLES: tables, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    const run: LabHost["run"] = (command) => runLocal(command, { environment, deadlineSeconds: 20 });
    const check: LabHost["check"] = async (command) => {
      const { code, stdout, stderr } = await run(command);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    host = { run, check } as LabHost;
  });
  afterEach(() => rm(tables, { recursive: true, force: true }));

  const mounts = (): Promise<string> => readFile(join(tables, "mounts"), "utf8");

  it("mounts one, which is taken away again without a trace", async () => {
    await makeSmallFileSystem(host, folder);
    assert.equal(await mounts(), `${folder}\n`);
    await removeSmallFileSystem(host, folder);
    assert.equal(await mounts(), "");
    await assert.rejects(stat(folder));
    await assert.rejects(stat(`${folder}.image`));
  });

  for (const state of ["mounted", "mounted and in use"]) {
    it(`replaces one that an interrupted run has left ${state}`, async () => {
      await makeSmallFileSystem(host, folder);
      if (state === "mounted and in use") await writeFile(join(tables, "busy"), "");
      await makeSmallFileSystem(host, folder);
      assert.equal(await mounts(), `${folder}\n`);
      await removeSmallFileSystem(host, folder);
      assert.equal(await mounts(), "");
      await assert.rejects(stat(folder));
    });
  }
});
