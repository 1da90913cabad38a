// The process dies at every step of writing to the store: what is visible then is whole, or not there.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readlink, stat } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { storeSteps } from "../../lib/store/store-context.ts";
import type { Store } from "../../lib/store/store.ts";
import { openStore } from "../../lib/store/store.ts";
import { fileBeside } from "./file-beside.ts";
import { goodBackups, publishSample, temporaryFolder } from "./sample-backup.ts";

const run = promisify(execFile);

/** Starting a process takes its time on a busy machine; Bun would wait 5 s. */
const patiently = { timeout: 120_000 };
const child = fileBeside(import.meta, "crash-child.ts");

/** How this runtime starts a TypeScript file. */
function startCommand(): readonly string[] {
  if ("deno" in process.versions) return ["run", "-A", "--no-check", child];
  return "bun" in process.versions ? [child] : ["--import", "tsx", child];
}

interface Ending {
  readonly signal: string | null;
  readonly errors: string;
}

/** Runs the child; `killAfterMilliseconds` counts from when it begins its work. */
async function runChild(args: readonly string[], killAfterMilliseconds?: number): Promise<Ending> {
  const process_ = spawn(process.execPath, [...startCommand(), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  process_.stderr.on("data", (chunk) => (errors += String(chunk)));
  process_.stdout.once("data", () => {
    if (killAfterMilliseconds !== undefined)
      setTimeout(() => process_.kill("SIGKILL"), killAfterMilliseconds);
  });
  const [, signal] = (await once(process_, "close")) as [number | null, string | null];
  return { signal, errors };
}

/** Every visible backup must be good, and sha256sum must say so too. */
async function checkWholeness(store: Store): Promise<readonly string[]> {
  const entries = await store.listBackups();
  for (const entry of entries) {
    assert.notEqual(entry.kind, "broken", JSON.stringify(entry));
    assert.notEqual(entry.kind, "foreign", JSON.stringify(entry));
    if (entry.kind === "good") await run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: entry.path });
  }
  return entries.flatMap((entry) => (entry.kind === "good" ? [entry.folderName] : []));
}

/** After a sweep nothing is left but good backups and a link that leads to one of them. */
async function checkSwept(store: Store, kept: readonly string[] = []): Promise<void> {
  const report = await store.sweepLeftovers();
  assert.deepEqual(
    report.kept.map(({ reason }) => reason),
    kept,
  );
  const home = path.join(store.directory, "kvm1", "web");
  const visible = (await readdir(home)).filter((name) => !name.startsWith(".")).sort();
  const good = (await goodBackups(store)).map(({ folderName }) => folderName);
  assert.deepEqual(visible, [...good, "latest"]);
  assert.equal((await readdir(home)).length - visible.length, kept.length);
  assert.ok((await stat(path.join(home, "latest"))).isDirectory());
}

describe("a process that dies", () => {
  const folder = temporaryFolder();
  const storeWithOne = async (): Promise<Store> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    await publishSample(store, { startedAt: "2026-11-23T00:00:00.000Z" });
    return store;
  };
  const [first, second] = ["2026-11-23-000000", "2026-11-24-000000"];

  const publishSteps = storeSteps.slice(0, storeSteps.indexOf("published") + 1);
  for (const step of publishSteps) {
    it(`at "${step}" leaves the earlier backup, and the new one whole or not at all`, patiently, async () => {
      const store = await storeWithOne();
      const { signal, errors } = await runChild([store.directory, step, "publish"]);
      assert.equal(signal, "SIGKILL", errors);
      const isPublished = publishSteps.indexOf(step) >= publishSteps.indexOf("renamed");
      assert.deepEqual(await checkWholeness(store), isPublished ? [first, second] : [first]);
      // Before it could write who it is, nobody can prove that it is dead.
      await checkSwept(store, step === "folder-made" ? ["unknown-owner"] : []);
      await publishSample(store, { startedAt: "2026-11-25T00:00:00.000Z" });
      assert.equal((await checkWholeness(store)).length, isPublished ? 3 : 2);
    });
  }

  for (const step of storeSteps.slice(publishSteps.length)) {
    it(`at "${step}" of a removal leaves the backup whole or not at all`, patiently, async () => {
      const store = await storeWithOne();
      await publishSample(store, { startedAt: "2026-11-24T00:00:00.000Z" });
      const { signal, errors } = await runChild([store.directory, step, "remove"]);
      assert.equal(signal, "SIGKILL", errors);
      assert.deepEqual(await checkWholeness(store), step === "removal-checked" ? [first, second] : [first]);
      await checkSwept(store);
      const link = await readlink(path.join(store.directory, "kvm1/web/latest"));
      assert.equal(link, step === "removal-checked" ? second : first);
    });
  }

  it("at any moment leaves every backup whole or not at all", patiently, async () => {
    const store = await storeWithOne();
    for (let round = 0; round < 8; round += 1) {
      const args = [store.directory, "none", "publish-many", `2026-12-${10 + round}`];
      const { signal, errors } = await runChild(args, 15 + Math.random() * 250);
      assert.equal(signal, "SIGKILL", errors);
      await checkWholeness(store);
      const report = await store.sweepLeftovers();
      for (const { path: left, reason } of report.kept) {
        assert.equal(reason, "unknown-owner");
        assert.ok((await readdir(left)).length <= 1, left); // at most an owner's note that was cut short
      }
    }
  });
});
