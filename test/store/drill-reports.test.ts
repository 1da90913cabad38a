import assert from "node:assert/strict";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import {
  drillRunName,
  evidencePlace,
  mostDrillReports,
  writeDrillReport,
} from "../../lib/store/drill-reports.ts";
import { temporaryFolder } from "./sample-backup.ts";

describe("writeDrillReport()", () => {
  const folder = temporaryFolder();

  it("keeps the newest reports with all that belongs to them, and nothing that is not ours goes", async () => {
    const store = await mkdtemp(path.join(folder, "s"));
    const run = (second: number): string =>
      drillRunName(new Date(Date.UTC(2026, 10, 23) + second * 1000), "1a2b3c");
    const { file, inStore } = await evidencePlace(store, `${run(0)}-1-serial.txt`);
    assert.equal(inStore, `.virtfold/drills/${run(0)}-1-serial.txt`);
    await writeFile(file, "text");
    await writeFile(path.join(path.dirname(file), "mine.txt"), "text");
    for (let second = 1; second < mostDrillReports; second++)
      await writeFile(path.join(path.dirname(file), `${run(second)}.json`), "{}");
    await writeDrillReport(store, run(0), "{}");
    assert.equal((await readdir(path.dirname(file))).length, mostDrillReports + 2);
    await writeDrillReport(store, run(mostDrillReports), "{}");
    const left = await readdir(path.dirname(file));
    assert.equal(left.length, mostDrillReports + 1);
    assert.ok(left.includes("mine.txt"));
    assert.ok(!left.some((name) => name.startsWith(run(0))));
  });
});
