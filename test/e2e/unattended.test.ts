// What a run leaves for programs, when nobody looks on. The host is one that nothing answers for, so this needs no lab.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { schemaTroubles } from "./support/json-schema.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { runBackup, type RunEnd } from "./support/virtfold-process.ts";

const nobody = "root@127.0.0.1:1";

describe("an unattended backup", { timeout: 300_000 }, () => {
  let scratch: ScratchFolder;
  let store: string;
  before(async () => void (scratch = await makeScratchFolder()));
  after(() => scratch?.remove());
  beforeEach(async () => void (store = await scratch.newStore()));

  const run = (...args: readonly string[]): Promise<RunEnd> =>
    runBackup([...args, "--store", store], { directory: scratch.directory });
  const reports = (): Promise<string[]> => readdir(join(store, ".virtfold", "runs"));

  it("prints nothing but events with --json, each by the schema, the result last", async () => {
    const { code, stdout } = await run(`${nobody}/web`, "--json");
    assert.equal(code, 3);
    const schema: unknown = JSON.parse(await readFile(schemaFile, "utf8"));
    const events = stdout.trimEnd().split("\n").map(readObject);
    for (const event of events) assert.deepEqual(schemaTroubles(schema, event), []);
    const kinds = events.map(({ kind }) => kind);
    assert.deepEqual(kinds, ["run-started", "survey-started", "host-failed", "run-finished"]);
    assert.equal(events.at(-1)?.["exitCode"], 3);
  });

  it("prints a result also when the run cannot begin", async () => {
    const { code, stdout } = await runBackup([nobody, "--store", "/nothing/there", "--json", "--quiet"]);
    assert.equal(code, 2);
    const events = stdout.trimEnd().split("\n").map(readObject);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["run-failed", "run-finished"],
    );
  });

  it("leaves metrics, or refuses to begin where it could not", async () => {
    const file = join(scratch.directory, "virtfold.prom");
    assert.equal((await run(nobody, "--metrics-file", file)).code, 3);
    assert.match(await readFile(file, "utf8"), /^virtfold_host_reached\{host="127\.0\.0\.1:1"\} 0$/m);
    const refused = await run(nobody, "--metrics-file", join(store, "no", "folder.prom"));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--metrics-file \(or VIRTFOLD_METRICS_FILE\) cannot be ".*": nothing can/);
  });

  it("tells a dead man's switch how it went, and does not mind when nobody listens", async () => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(`${request.method} ${request.url}`);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      assert.equal((await run(nobody, "--ping-url", `http://127.0.0.1:${port}/secret`)).code, 3);
    } finally {
      server.closeAllConnections();
      server.close();
    }
    assert.deepEqual(heard, ["POST /secret/start", "POST /secret/fail"]);
    const { code, stderr } = await run(nobody, "--ping-url", "http://127.0.0.1:1/secret");
    assert.equal(code, 3);
    assert.match(stderr, /WARNING: .*Cannot tell 127\.0\.0\.1:1 \(VIRTFOLD_PING_URL\) that the run began: /);
    assert.doesNotMatch(stderr, /secret/);
  });

  it("does not begin when its hook says no", async () => {
    const hook = join(scratch.directory, "hook");
    await writeFile(hook, "#!/bin/sh\necho not today >&2\nexit 1\n", { mode: 0o755 });
    const { code, stdout, stderr } = await run(nobody, "--hook", hook, "--json");
    assert.equal(code, 3);
    assert.match(stderr, /Cannot go on past hook .* \(before-run\): exit code 1: not today\. /);
    const kinds = stdout
      .trimEnd()
      .split("\n")
      .map(readObject)
      .map(({ kind }) => kind);
    assert.deepEqual(kinds, ["run-failed", "run-finished"]);
    // Nothing was reached, so a rerun asks for all of it.
    assert.match((await run("--rerun-failed")).stdout, /^! Cannot reach host "127\.0\.0\.1:1"/m);
  });

  it("leaves a report, and takes from it what is to be run again", async () => {
    assert.match((await run("--rerun-failed")).stderr, /has left a report yet: name the targets/);
    assert.equal((await run(`${nobody}/web`)).code, 3);
    const again = await run("--rerun-failed");
    assert.equal(again.code, 3);
    assert.match(again.stdout, /^! Cannot reach host "127\.0\.0\.1:1"/m);
    assert.equal((await reports()).length, 2);
    const report = readObject(
      await readFile(join(store, ".virtfold", "runs", (await reports()).sort().at(-1)!), "utf8"),
    );
    const [host] = report["hosts"] as readonly { readonly target: string; readonly vms: unknown }[];
    assert.deepEqual([host?.target, host?.vms], [nobody, ["web"]]);
    assert.deepEqual(await readdir(join(store, ".virtfold")), ["runs"]);
  });
});

const schemaFile = new URL("../../schema/events.schema.json", import.meta.url);

function readObject(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line) as Readonly<Record<string, unknown>>;
}
