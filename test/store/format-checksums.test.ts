import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { formatChecksums } from "../../lib/store/format-checksums.ts";
import { temporaryFolder } from "./sample-backup.ts";

const run = promisify(execFile);

describe("formatChecksums()", () => {
  const folder = temporaryFolder();

  it("is sorted, one line per file", () => {
    const text = formatChecksums(
      new Map([
        ["b", "2".repeat(64)],
        ["a/ü x", "1".repeat(64)],
      ]),
    );
    assert.equal(text, `${"1".repeat(64)}  a/ü x\n${"2".repeat(64)}  b\n`);
  });

  it("is accepted by sha256sum, whatever the names", async () => {
    const names = [
      "plain",
      "a b",
      "ü",
      `it's "x" & <y>`,
      "back\\slash",
      "new\nline",
      "*star",
      "-n",
      " leading",
      "\\",
    ];
    const sums = new Map<string, string>();
    for (const name of names) {
      await writeFile(path.join(folder, name), name);
      sums.set(name, createHash("sha256").update(name).digest("hex"));
    }
    await writeFile(path.join(folder, "SHA256SUMS"), formatChecksums(sums));
    const { stdout } = await run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: folder });
    assert.equal(stdout.match(/: OK$/gm)?.length, names.length);
    await writeFile(path.join(folder, "new\nline"), "other");
    await assert.rejects(run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: folder }));
  });
});
