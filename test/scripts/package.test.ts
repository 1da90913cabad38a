// The package as npm packs it: what is in it, and that its program does what the TypeScript does.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { commands } from "../../lib/cli/virtfold-command.ts";
import { toolVersion } from "../../lib/config/tool.ts";
import { runtimeEnvironment } from "../../scripts/testing/runtimes.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));

interface End {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(directory: string, program: string, ...args: readonly string[]): Promise<End> {
  const options = { cwd: directory, env: runtimeEnvironment(process.env), timeout: 120_000 };
  return await new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

describe("the package", () => {
  let scratch: string;
  let place: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), "virtfold-package-"));
    const packed = await run(top, "npm", "pack", "--silent", "--pack-destination", scratch);
    assert.equal(packed.code, 0, packed.stderr);
    const [archive = ""] = (await readdir(scratch)).filter((name) => name.endsWith(".tgz"));
    const unpacked = await run(scratch, "tar", "xzf", archive);
    assert.equal(unpacked.code, 0, unpacked.stderr);
    place = join(scratch, "package");
    await symlink(join(top, "node_modules"), join(place, "node_modules"));
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  const virtfold = (...args: readonly string[]): Promise<End> =>
    run(scratch, join(place, "dist/program/virtfold.js"), ...args);

  it("holds the program, what it reads beside it, and the manual; no source and no test", async () => {
    const names = (await readdir(place)).filter((name) => name !== "node_modules").toSorted();
    assert.deepEqual(names, [
      ...[".env.example", "CHANGELOG.md", "LICENSE", "README.md", "dist", "docs", "hosts", "package.json"],
      "schema",
    ]);
    const scripts = (await readdir(join(top, "lib/guard"))).filter((name) => name.endsWith(".sh"));
    const program = await readdir(join(place, "dist/program"));
    assert.deepEqual(program.filter((name) => name.endsWith(".sh")).toSorted(), scripts.toSorted());
  });

  it("has all commands under one name, each with its help", async () => {
    const { code, stdout, stderr } = await virtfold("--help");
    assert.deepEqual([code, stderr], [0, ""]);
    const named = [...stdout.matchAll(/^ {2}(\w+) {2,}\w/gm)].map(([, name]) => name);
    assert.deepEqual(named, Object.keys(commands));
    const scripts = (await readdir(join(top, "lib/cli")))
      .map((name) => /^(.*)-command\.ts$/.exec(name)?.[1])
      .filter((name) => name !== undefined && name !== "run" && name !== "virtfold");
    assert.deepEqual(named.toSorted(), scripts.toSorted());
    for (const line of stdout.split("\n")) assert.ok(line.length < 130, line);
    for (const name of named) {
      const help = await virtfold(name ?? "", "--help");
      assert.deepEqual([help.code, help.stderr], [0, ""]);
      assert.ok(help.stdout.startsWith(`Usage: virtfold ${name} `), help.stdout);
    }
    assert.equal((await virtfold("help", "list")).stdout, (await virtfold("list", "--help")).stdout);
    assert.equal((await virtfold("--version")).stdout, `${toolVersion}\n`);
  });

  it("says in one sentence what it does not know", async () => {
    assert.deepEqual(await virtfold("restor"), {
      ...{ code: 2, stdout: "" },
      stderr:
        'ERROR: virtfold has no command "restor". Did you mean "restore"? For all commands run: virtfold --help\n',
    });
    assert.equal((await virtfold("__proto__")).code, 2);
    const none = await virtfold();
    assert.deepEqual([none.code, none.stdout], [2, ""]);
    assert.match(none.stderr, /^Usage: virtfold /);
    const missing = await virtfold("list", "--store", join(scratch, "none"));
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^ERROR: Cannot use store ".*none": it does not exist\. /);
  });
});
