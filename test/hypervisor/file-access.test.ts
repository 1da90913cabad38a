import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileAccessCommand, grantCommand, readFileAccess } from "../../lib/hypervisor/file-access.ts";
import { runTool } from "./fixture.ts";

describe("readFileAccess()", () => {
  const cases: Readonly<Record<string, unknown>> = {
    "600 0 0 root root\n": { user: "root", group: "root", mode: "0600" },
    "4755 64055 109 libvirt-qemu kvm\n": { user: "libvirt-qemu", group: "kvm", mode: "0755" },
    "0 1 2 UNKNOWN UNKNOWN\n": { user: "1", group: "2", mode: "0000" },
    "640 7 8 DOM\\jane doe users\n": { user: "7", group: "8", mode: "0640" },
    "640 7 8 -rf kvm\n": { user: "7", group: "kvm", mode: "0640" },
  };
  for (const [text, expected] of Object.entries(cases))
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(readFileAccess(text), expected));
  for (const text of ["", "888 0 0 root root", "stat: no such file"])
    it(`takes ${JSON.stringify(text)} for nothing`, () => assert.equal(readFileAccess(text), undefined));
});

describe("grantCommand()", () => {
  const folder = mkdtempSync(join(tmpdir(), "virtfold-access-"));
  const path = join(folder, '-it\'s "one"');
  const run = ([program, ...args]: readonly [string, ...string[]]) => runTool(program, args);

  it("gives a file the access that was read of another", () => {
    writeFileSync(path, "");
    const own = readFileAccess(run(fileAccessCommand(path)).stdout);
    assert.ok(own);
    assert.equal(run(grantCommand(path, { ...own, mode: "0640" })).code, 0);
    assert.equal(readFileAccess(run(fileAccessCommand(path)).stdout)?.mode, "0640");
  });

  it("leaves a file closed whose owner there is not", () => {
    chmodSync(path, 0o600);
    const nobody = { user: "nobody-has-this-name", group: "root", mode: "0666" };
    assert.notEqual(run(grantCommand(path, nobody)).code, 0);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    rmSync(folder, { recursive: true });
  });
});
