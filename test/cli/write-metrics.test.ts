import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { checkMetricsFile } from "../../lib/cli/check-metrics-file.ts";
import { writeMetrics } from "../../lib/cli/write-metrics.ts";
import { statusAfter } from "../../lib/report/fleet-status.ts";
import { runResult } from "../../lib/report/run-result.ts";
import { reasonOf } from "../store/reason-of.ts";
import { temporaryFolder } from "../store/sample-backup.ts";

const now = new Date("2026-11-23T01:25:00.000Z");
const result = runResult(statusAfter([]), { startedAt: now, now, store: "/s", asked: [], exitCode: 0 });
const kept = 'virtfold_last_success_timestamp_seconds{host="kvm1",vm="web"} 12\n';

describe("writeMetrics()", () => {
  const folder = temporaryFolder();
  const newFolder = (): Promise<string> => mkdtemp(path.join(folder, "m"));

  it("replaces the file for everybody to read, keeps successes, and leaves no draft", async () => {
    const file = path.join(await newFolder(), "virt fold.prom");
    await writeMetrics(file, result);
    await writeFile(file, kept);
    await writeMetrics(file, result);
    assert.ok((await readFile(file, "utf8")).includes(kept));
    assert.equal((await stat(file)).mode & 0o777, 0o644);
    assert.deepEqual(await readdir(path.dirname(file)), ["virt fold.prom"]);
  });

  it("says so when it cannot, and leaves what is there", async () => {
    const file = path.join(await newFolder(), "x");
    await mkdir(file);
    const reason = await reasonOf(writeMetrics(file, result));
    assert.ok(reason.kind === "usage");
    assert.match(reason.detail, /^Cannot write ".*\/x": not a regular file$/);
  });
});

describe("checkMetricsFile()", () => {
  it("refuses a folder that is not there before anything is begun", async () => {
    await checkMetricsFile(undefined);
    const reason = await reasonOf(checkMetricsFile("/nothing/there/x.prom"));
    assert.ok(reason.kind === "usage");
    assert.match(reason.detail, /^--metrics-file \(or VIRTFOLD_METRICS_FILE\) cannot be .* \(ENOENT\)$/);
  });
});
