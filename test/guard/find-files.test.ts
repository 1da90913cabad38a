// find.sh: files with our names, and nothing else, whatever lies beside them.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { findFiles } from "../../lib/guard/find-files.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { localShell } from "../support/local-shell.ts";
import { shells } from "./shells.ts";

const id = "20261123-012500-a1b2c3";
const top = mkdtempSync(join(tmpdir(), "virtfold-find-"));
const odd = join(top, `it's [a] *folder* & "more" -n $(x)`);
const empty = join(top, "empty");

describe("findFiles()", () => {
  after(() => rmSync(top, { recursive: true, force: true }));
  for (const folder of [odd, empty, join(odd, "below")]) mkdirSync(folder);
  const overlay = join(odd, `vda.virtfold-${id}.qcow2`);
  const clone = join(odd, `vda.virtfold-${id}.clone`);
  const link = join(odd, `vdb.virtfold-${id}.qcow2`);
  for (const name of [
    ...[`vda.virtfold-${id}.qcow2`, `vda.virtfold-${id}.clone`, "web.qcow2", `virtfold-${id}.qcow2`],
    ...[`vda.virtfold-${id}.qcow2.bak`, "vda.virtfold-20261123-012500-A1B2C3.qcow2", `-n.x`],
    ...[`a\nfile\t1\tb.virtfold-${id}.qcow2`, `ü.virtfold-${id}.qcow2`, `a b.virtfold-${id}.qcow2`],
    `below/vda.virtfold-${id}.qcow2`,
  ])
    writeFileSync(join(odd, name), "");
  symlinkSync(overlay, link);

  const known = shells.map(({ name, command }) => ({ name, command }));
  for (const { name, command } of known) {
    const shell = {
      ...localShell({ environment: process.env }),
      runScript: (script: string, argv: readonly string[]) => {
        const [program, ...flags] = command;
        return localShell({ environment: process.env }).run([program, ...flags, "-c", script, "x", ...argv]);
      },
    };
    it(`finds files with our names, and tells plain files from others (${name})`, async () => {
      const found = await findFiles(shell, [empty, join(top, "missing"), odd]);
      const { dev, ino } = statSync(overlay);
      assert.deepEqual(
        found.map(({ path, isPlain }) => [path, isPlain]),
        [
          [overlay, true],
          [link, false],
          [clone, true],
        ],
      );
      assert.equal(found[0]?.inode, `${dev}:${ino}`);
    });
  }

  it("reads no line that find.sh would not print", async () => {
    const lines = [
      ...["file\t9\ta.qcow2\t1:2\tplain", "file\t1\t../a\t1:2\tplain", "file\t1\ta b\t1:2\tplain"],
      ...["file\t1\ta\tx\tplain", "x", "more"],
    ];
    const shell = {
      ...localShell({ environment: process.env }),
      runScript: async () => ({ code: 0, stdout: lines.join("\n"), stderr: "" }),
    };
    assert.deepEqual(await findFiles(shell, ["/images"]), []);
  });

  it("does not take a search that did not end for one that found nothing", async () => {
    const shell = {
      ...localShell({ environment: process.env }),
      runScript: async () => ({ code: 124, stdout: "", stderr: "" }),
    };
    await assert.rejects(
      findFiles(shell, ["/images"]),
      (error) => error instanceof BackupError && error.reason.kind === "command-failed",
    );
  });
});
