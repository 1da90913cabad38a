// The program as each runtime runs it: one whole backup, on a pipe and on a terminal, and its exit codes.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeEnvironment, runtimeNames, scriptCommand } from "../../scripts/testing/runtimes.ts";
import type { RuntimeName } from "../../scripts/testing/runtimes.ts";
import { runLocal } from "../../lib/shell/run-local.ts";
import { toShell } from "../../lib/shell/command.ts";
import { vmKinds } from "../lab/vm-kinds.ts";
import { assertHostAsBefore } from "./support/host-memory.ts";
import { assertNothingRuns } from "./support/leftovers-here.ts";
import { makeScratchFolder } from "./support/scratch-folder.ts";
import type { ScratchFolder } from "./support/scratch-folder.ts";
import { openTestHost } from "./support/test-host.ts";
import type { TestHost } from "./support/test-host.ts";
import { testTruth } from "./support/test-truth.ts";
import { runBackup } from "./support/virtfold-process.ts";
import { witnessRun } from "./support/witnessed-run.ts";
import type { WitnessedRun } from "./support/witnessed-run.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const { web, off } = vmKinds;
const scriptFile = (name: string): string =>
  fileURLToPath(new URL(`../../scripts/${name}.ts`, import.meta.url));

for (const runtime of runtimeNames) {
  describe(`virtfold on ${runtime}`, { skip }, () => testRuntime(runtime));
}

function testRuntime(runtime: RuntimeName): void {
  let scratch: ScratchFolder;
  let test: TestHost;
  let store: string;
  let run: WitnessedRun;

  before(async () => {
    scratch = await makeScratchFolder();
    test = await openTestHost("hv1", ["web", "off"]);
    store = await scratch.newStore();
    run = await witnessRun(test, [web.name], {
      runtime,
      store,
      vm: web.name,
      environment: { TMPDIR: scratch.directory },
    });
  });
  after(async () => scratch?.remove());

  it("backs up a VM, ends by itself with 0, and leaves nothing behind", async () => {
    assert.equal(run.end.code, 0, run.end.stderr + run.end.stdout);
    assert.match(run.end.stdout, /^1 of 1 VM backed up$/m);
    await assertHostAsBefore(test.host, run.memory);
    await assertNothingRuns(test, scratch.directory);
  });

  testTruth([web], () => ({ test, run, scratch: scratch.directory }));

  it("lists what is in the store", async () => {
    const { code, stdout } = await callScript(runtime, ["list", "--store", store]);
    assert.equal(code, 0);
    assert.match(stdout, /^hv1 +web +\d{4}-\d\d-\d\d .* filesystem +- +- +good$/m);
  });

  it("backs up on a terminal too, with bars and without a trace of them at the end", async () => {
    const settings = ["--store", await scratch.newStore(), "--ssh-config", test.lab.sshConfig];
    const command = toShell([
      ...scriptCommand(runtime),
      scriptFile("backup"),
      `hv1/${off.name}`,
      ...settings,
    ]);
    // script(1) gives the command a terminal of its own.
    const onTerminal = ["script", "--quiet", "--return", "--command", command, "/dev/null"] as const;
    const { code, stdout } = await runLocal(onTerminal, {
      deadlineSeconds: 120,
      environment: { TERM: "xterm" },
    });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\d\d:\d\d:\d\d hv1\/off: Backup complete: /);
    assert.match(stdout, /^1 of 1 VM backed up\r?$/m);
    // "ESC [ ? 25 l" hides the cursor, "ESC [ ? 25 h" shows it.
    const cursor =
      stdout
        .split(`${String.fromCharCode(27)}[?25`)
        .slice(1)
        .at(-1)?.[0] ?? "h";
    assert.equal(cursor, "h", "the cursor stays hidden");
  });

  it("says how it is used, and ends with the code that tells what went wrong", async () => {
    const settings = ["--ssh-config", test.lab.sshConfig];
    const help = await callScript(runtime, ["backup", "--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: .*backup\S* \[options\].*^Exit codes:$/ms);
    assert.equal((await runBackup(["hv1", "--store", store, "--bogus"], { runtime })).code, 2);
    assert.equal((await runBackup(["hv1", "--store", `${store}/missing`, ...settings], { runtime })).code, 2);
    const unknown = await runBackup(["hv1/nobody", "--store", store, ...settings], { runtime });
    assert.equal(unknown.code, 3, unknown.stderr);
    assert.match(unknown.stdout, /nobody/);
  });
}

async function callScript(
  runtime: RuntimeName,
  [name = "", ...args]: readonly string[],
): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const command = [...scriptCommand(runtime), scriptFile(name), ...args] as const;
  return await runLocal(command, { deadlineSeconds: 60, environment: runtimeEnvironment(process.env) });
}
