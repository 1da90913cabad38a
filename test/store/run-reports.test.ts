import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { mostRunReports, readLastRunReport, writeRunReport } from "../../lib/store/run-reports.ts";
import { reasonOf } from "./reason-of.ts";
import { temporaryFolder } from "./sample-backup.ts";

const at = (milliseconds: number): Date => new Date(Date.parse("2026-11-23T01:25:00.000Z") + milliseconds);

describe("writeRunReport()", () => {
  const folder = temporaryFolder();
  const newStore = (): Promise<string> => mkdtemp(path.join(folder, "s"));
  const runsOf = (store: string): string => path.join(store, ".virtfold", "runs");

  it("writes a report that is private, and replaces it as a whole", async () => {
    const store = await newStore();
    assert.equal(await readLastRunReport(store), undefined);
    await writeRunReport(store, at(7), "begun");
    await writeRunReport(store, at(7), "done");
    const file = path.join(runsOf(store), "2026-11-23-012500-007.json");
    assert.deepEqual(await readLastRunReport(store), { path: file, text: "done" });
    assert.deepEqual(await readdir(runsOf(store)), [path.basename(file)]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it("keeps the newest ones, and what is none of them", async () => {
    const store = await newStore();
    await mkdir(runsOf(store), { recursive: true });
    await writeFile(path.join(runsOf(store), "notes.json"), "mine");
    const names = Array.from({ length: mostRunReports }, (_, index) => {
      const number = String(index).padStart(3, "0");
      return `2026-11-22-012500-${number}.json`;
    });
    for (const name of names) await writeFile(path.join(runsOf(store), name), "");
    await writeRunReport(store, at(0), "new");
    const left = (await readdir(runsOf(store))).sort();
    assert.deepEqual(left, [...names.slice(1), "2026-11-23-012500-000.json", "notes.json"]);
    assert.equal((await readLastRunReport(store))?.text, "new");
  });

  it("leaves the old one as it was, and no draft, when the new one cannot be put in its place", async () => {
    const store = await newStore();
    const taken = path.join(runsOf(store), "2026-11-23-012500-000.json");
    await mkdir(taken, { recursive: true });
    await writeFile(path.join(taken, "x"), "x");
    assert.equal((await reasonOf(writeRunReport(store, at(0), "new"))).kind, "store-not-writable");
    assert.deepEqual(await readdir(runsOf(store)), [path.basename(taken)]);
    assert.equal((await readLastRunReport(store))?.text, undefined);
  });

  it("follows no link", async () => {
    const store = await newStore();
    const outside = path.join(await newStore(), "secret");
    await writeFile(outside, "secret");
    await mkdir(runsOf(store), { recursive: true });
    const link = path.join(runsOf(store), "2026-11-23-012500-000.json");
    await symlink(outside, link);
    assert.equal((await readLastRunReport(store))?.text, undefined);
    await writeRunReport(store, at(0), "new");
    assert.equal(await readFile(outside, "utf8"), "secret");
    assert.equal(await readFile(link, "utf8"), "new");
  });
});
