// readiness.sh: how a login stands, under every shell that may read it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { askReadiness, parseReadiness } from "../../lib/guard/ask-readiness.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { Readiness } from "../../lib/model/readiness.ts";
import { findProgram } from "../ssh/find-program.ts";
import { localShell } from "../support/local-shell.ts";
import { shells } from "./shells.ts";

const top = mkdtempSync(join(tmpdir(), "virtfold-ready-"));
after(() => rmSync(top, { recursive: true, force: true }));

/** Programs of this machine under other names than those that are taken away. */
function pathWithout(missing: readonly string[]): string {
  const folder = mkdtempSync(join(top, "bin-"));
  const tools =
    "id dirname tr cat sed tail awk df grep timeout sh dash bash busybox env virsh qemu-img flock dd stat";
  for (const tool of tools.split(" ").filter((name) => !missing.includes(name))) {
    const found = findProgram(tool);
    if (found !== undefined) symlinkSync(found, join(folder, tool));
    else writeFileSync(join(folder, tool), "", { mode: 0o755 });
  }
  return folder;
}

describe("askReadiness()", () => {
  for (const { name, command } of shells) {
    const ask = (environment: Readonly<Record<string, string | undefined>>): Promise<Readiness> => {
      const [program, ...flags] = command;
      const local = localShell({ environment: { ...process.env, ...environment } });
      return askReadiness({
        ...local,
        runScript: (script) => local.run([program, ...flags, "-c", script, "x"]),
      });
    };

    it(`says who it is, and where a guard would be armed; makes nothing (${name})`, async () => {
      const folder = join(top, `${name} new's\tfolder`, "below");
      const { user, isRoot, guardFolder } = await ask({ VIRTFOLD_STATE_DIRECTORY: folder });
      assert.deepEqual(
        [user, isRoot],
        [execFileSync("id", ["-un"], { encoding: "utf8" }).trim(), process.getuid?.() === 0],
      );
      assert.equal(guardFolder.folder, folder.replace("\t", " "));
      assert.equal(guardFolder.trouble, undefined);
      assert.ok((guardFolder.freeBytes ?? 0) > 0);
      assert.ok(!existsSync(folder) && !readdirSync(top).some((entry) => entry.startsWith(name)));
    });

    it(`says why none could be (${name})`, async () => {
      writeFileSync(join(top, "file"), "");
      const inFile = await ask({ VIRTFOLD_STATE_DIRECTORY: join(top, "file", "below") });
      assert.equal(inFile.guardFolder.trouble, `${join(top, "file")} is no folder`);
      // Nobody can write there, not even root.
      const inProc = await ask({ VIRTFOLD_STATE_DIRECTORY: "/proc/1/virtfold" });
      assert.ok(inProc.guardFolder.trouble === undefined || inProc.guardFolder.trouble.includes("/proc/1"));
      const dangling = join(top, `dangling-${name}`);
      symlinkSync(join(top, "nowhere"), dangling);
      const inNothing = await ask({ VIRTFOLD_STATE_DIRECTORY: dangling });
      assert.equal(inNothing.guardFolder.trouble, `${dangling} is no folder`);
      rmSync(dangling);
    });
  }

  it("names the programs that are missing", async () => {
    const PATH = pathWithout(["virsh", "flock"]);
    const readiness = await askReadiness(
      localShell({ environment: { PATH, VIRTFOLD_STATE_DIRECTORY: top } }),
    );
    assert.deepEqual(readiness.missingTools, ["virsh", "flock"]);
  });

  it("knows a user's own place from root's", async () => {
    const home = join(top, "home");
    mkdirSync(home, { recursive: true });
    const PATH = pathWithout(["id"]);
    writeFileSync(join(PATH, "id"), '#!/bin/sh\ncase $1 in -un) echo "me too" ;; *) echo 1000 ;; esac\n', {
      mode: 0o755,
    });
    const asked = async (more: Readonly<Record<string, string>>) =>
      await askReadiness(localShell({ environment: { PATH, HOME: home, ...more } }));
    const { user, isRoot, guardFolder } = await asked({});
    assert.deepEqual([user, isRoot, guardFolder.folder], ["me too", false, `${home}/.local/state/virtfold`]);
    const elsewhere = await asked({ XDG_STATE_HOME: join(home, "state") });
    assert.equal(elsewhere.guardFolder.folder, join(home, "state", "virtfold"));
  });

  it("fails when a host says nothing that could be this", async () => {
    const silent = {
      ...localShell({ environment: {} }),
      runScript: async () => ({ code: 1, stdout: "", stderr: "" }),
    };
    await assert.rejects(askReadiness(silent), BackupError);
  });
});

describe("parseReadiness()", () => {
  it("takes nothing that is no number, path or known word", () => {
    const text = "login\tme\t1000\nfolder\t/x\ttrouble\t-5\nselinux\tmaybe\nends-sessions\n";
    assert.deepEqual(parseReadiness(text), {
      ...{ user: "me", isRoot: false, missingTools: [], endsSessions: true, selinux: undefined },
      guardFolder: { folder: "/x", trouble: "trouble", freeBytes: undefined },
    });
    assert.equal(parseReadiness("login\tme\t\nfolder\t/x\t\t1\n"), undefined);
    assert.equal(parseReadiness("login\tme\t0\nfolder\tx\t\t1\n"), undefined);
  });
});
