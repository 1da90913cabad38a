// Each runtime runs this file itself: every package does one small thing on it, and every module of lib/ can be
// imported without anything happening.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import cliProgress from "cli-progress";
import Table from "cli-table3";
import { Command } from "commander";
import { parse as parseVariables } from "dotenv";
import { XMLParser } from "fast-xml-parser";
import { NodeSSH } from "node-ssh";
import pLimit from "p-limit";
import ssh2 from "ssh2";
import { parseDocument } from "yaml";
import { z } from "zod";
import { $ } from "zx/core";
import { runProcess } from "../../scripts/testing/run-process.ts";
import { currentRuntime, scriptCommand } from "../../scripts/testing/runtimes.ts";

const runtime = currentRuntime();

describe(`the packages on ${runtime}`, () => {
  it("zx runs a command", async () => {
    const { stdout } = await $({ quiet: true })`echo ${"two words"}`;
    assert.equal(stdout, "two words\n");
  });

  it("ssh2 makes a key and reads it", () => {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    const key = ssh2.utils.parseKey(pair.private);
    assert.ok(!(key instanceof Error));
    assert.equal(key.type, "ssh-ed25519");
  });

  it("node-ssh knows that it is not connected", () => {
    assert.equal(new NodeSSH().isConnected(), false);
  });

  it("p-limit runs one at a time", async () => {
    const limit = pLimit(1);
    let running = 0;
    const most = await Promise.all(
      [1, 2, 3].map(() =>
        limit(async () => {
          running += 1;
          const now = running;
          await Promise.resolve();
          running -= 1;
          return now;
        }),
      ),
    );
    assert.deepEqual(most, [1, 1, 1]);
  });

  it("fast-xml-parser reads an attribute", () => {
    const parser = new XMLParser({ ignoreAttributes: false });
    assert.deepEqual(parser.parse("<disk type='file'/>"), { disk: { "@_type": "file" } });
  });

  it("cli-progress draws a bar", () => {
    const stream = new PassThrough();
    const bar = new cliProgress.SingleBar({ stream, noTTYOutput: true, format: "{value}/{total}" });
    bar.start(10, 3);
    bar.stop();
    assert.match(String(stream.read()), /3\/10/);
  });

  it("cli-table3 draws a table", () => {
    const table = new Table({ head: ["VM"], style: { head: [], border: [] } });
    table.push(["größe"]);
    assert.match(table.toString(), /│ größe │/);
  });

  it("commander reads a flag", () => {
    const command = new Command().option("--store <folder>").parse(["--store", "a b"], { from: "user" });
    assert.deepEqual(command.opts(), { store: "a b" });
  });

  it("dotenv reads a line", () => {
    assert.deepEqual(parseVariables("KEY='a $b'\n"), { KEY: "a $b" });
  });

  it("yaml reads a mapping", () => {
    assert.deepEqual(parseDocument("a: [b, 1]").toJS(), { a: ["b", 1] });
  });

  it("zod refuses what does not fit", () => {
    assert.equal(z.object({ version: z.literal(1) }).safeParse({ version: 2 }).success, false);
  });
});

describe(`the modules of lib/ on ${runtime}`, () => {
  it("can all be imported, and nothing happens", async () => {
    const lib = fileURLToPath(new URL("../../lib", import.meta.url));
    const modules = readdirSync(lib, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => pathToFileURL(`${lib}/${name}`).href);
    assert.ok(modules.length > 0);

    const importer = fileURLToPath(new URL("import-modules.ts", import.meta.url));
    const { code, endedBy, output } = await runProcess([...scriptCommand(runtime), importer, ...modules], {
      directory: tmpdir(),
      limitSeconds: 50,
      graceSeconds: 1,
      live: false,
      signal: new AbortController().signal,
    });
    assert.deepEqual({ code, endedBy, output }, { code: 0, endedBy: undefined, output: "" });
  });
});
