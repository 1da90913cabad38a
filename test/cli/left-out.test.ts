// Backups that were to be looked at and could not be: never "all well".

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { drillCommand } from "../../lib/cli/drill-command.ts";
import { exitCodes } from "../../lib/cli/exit-codes.ts";
import { closedAmong } from "../../lib/cli/find-stored.ts";
import { verifyLine } from "../../lib/report/verify-text.ts";

describe("drill", () => {
  let store: string;
  before(async () => {
    store = await mkdtemp(join(tmpdir(), "virtfold-left-out-"));
    // Without a manifest it is none.
    await mkdir(join(store, "kvm1/web/2026-11-01-010000"), { recursive: true });
  });
  after(() => rm(store, { recursive: true, force: true }));

  it("does not end well for a VM that has no good backup", async () => {
    for (const flags of [["kvm1/web"], ["kvm1/web", "--dry-run"], []])
      assert.equal(await drillCommand([...flags, "--quiet", "--store", store]), exitCodes.someFailed);
  });

  it("ends well where there is nothing at all", async () => {
    const empty = await mkdtemp(join(store, "empty-"));
    assert.equal(await drillCommand(["--quiet", "--store", empty]), exitCodes.ok);
  });
});

describe("a folder of the store that cannot be looked into", () => {
  it("is told from what is not ours, and said in a line that no name can break", () => {
    const place = { host: "kvm1", vm: "", path: "/s/kvm\u001b1\n" };
    const closed = closedAmong([
      { kind: "foreign", what: "symbolic-link", ...place },
      { kind: "foreign", what: "unreadable", ...place },
      { kind: "broken", reason: { kind: "manifest-missing" }, folderName: "x", ...place },
    ]);
    assert.deepEqual(closed, [place.path]);
    const line = verifyLine({ kind: "closed-folder", path: place.path });
    assert.equal(line?.level, "error");
    assert.match(line.text, /^Cannot look into [^\p{Cc}]*$/u);
  });
});
