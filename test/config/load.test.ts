// The environment and .env as they are read, a slip in a name included.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadSettingTexts } from "../../lib/config/load.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { describeFailure } from "../../lib/report/describe-failure.ts";

describe("loadSettingTexts()", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "virtfold-load-"));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  const complaintOf = async (text: string, variables: Readonly<Record<string, string>> = {}) => {
    writeFileSync(join(directory, ".env"), text);
    const before = process.env;
    process.env = { ...before, ...variables };
    try {
      await loadSettingTexts(directory);
      return undefined;
    } catch (error) {
      assert.ok(error instanceof BackupError);
      return describeFailure(error.reason).replaceAll(directory, "DIR");
    } finally {
      process.env = before;
    }
  };

  it("reads .env", async () => {
    writeFileSync(join(directory, ".env"), "VIRTFOLD_MAX_BACKUPS=30\nOTHER=1\n");
    const [, file] = await loadSettingTexts(directory);
    assert.deepEqual(file, { maxBackups: "30" });
  });

  it("refuses what is no setting in .env, naming the one that may be meant", async () => {
    assert.equal(
      await complaintOf("VIRTFOLD_MAX_BACKUP=30\nVIRTFOLD_MOON=1\n"),
      "DIR/.env has what is no setting: VIRTFOLD_MAX_BACKUP (do you mean VIRTFOLD_MAX_BACKUPS?), VIRTFOLD_MOON. All settings are in .env.example",
    );
  });

  it("refuses a slip in the environment, but nothing that is another program's", async () => {
    assert.equal(await complaintOf("", { VIRTFOLD_MOON: "1" }), undefined);
    assert.equal(
      await complaintOf("", { VIRTFOLD_STROE: "/s" }),
      "The environment has what is no setting: VIRTFOLD_STROE (do you mean VIRTFOLD_STORE?). All settings are in .env.example",
    );
  });
});
