// What a terminal and what a pipe get: colors only where they are wanted, and nothing but objects where those are.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { buildProgram } from "../../scripts/packaging/build-program.ts";
import { currentRuntime, scriptCommand } from "../../scripts/testing/runtimes.ts";
import { quoteArgument } from "../../lib/shell/command.ts";
import { findProgram } from "../ssh/find-program.ts";

const top = fileURLToPath(new URL("../../", import.meta.url));
/** On Node what is installed: that starts in a moment, and TypeScript does not. */
const program = currentRuntime() === "node" ? await buildProgram(top, { keepStale: true }) : undefined;

interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("what is printed", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vf-outputs-"));
    // Nobody listens there.
    writeFileSync(join(folder, "ssh"), "Host gone\n  HostName 127.0.0.1\n  Port 1\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const argvOf = (command: string, flags: readonly string[]): readonly string[] => [
    ...(program === undefined
      ? [...scriptCommand(currentRuntime()), `${top}scripts/${command}.ts`]
      : [process.execPath, program, command]),
    ...flags,
  ];
  const wayTo = (): readonly string[] => ["--ssh-config", join(folder, "ssh")];
  /** A new one for each: two runs do not share one. */
  const store = (): readonly string[] => ["--store", mkdtempSync(join(folder, "store-"))];

  async function run(
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Output> {
    const { NO_COLOR: _, ...inherited } = process.env;
    const child = spawn(argv[0]!, argv.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: folder,
      env: { ...inherited, TERM: "xterm", ...environment },
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, ...output };
  }

  /** All that a terminal is sent. */
  async function onTerminal(flags: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const argv = argvOf("backup", ["gone", ...store(), ...wayTo(), ...flags]);
    const line = argv.map(quoteArgument).join(" ");
    const { stdout } = await run(["script", "-qec", line, "/dev/null"], environment);
    assert.match(stdout, /ERROR: Cannot reach host "gone"/);
    return stdout;
  }

  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  const [color, escape] = [/\u001b\[[\d;]*m/, /\u001b/];

  it(
    "has colors on a terminal, unless NO_COLOR or --no-color says otherwise",
    { skip: needsScript() },
    async () => {
      const [usual, empty, ...without] = await Promise.all([
        onTerminal([]),
        onTerminal([], { NO_COLOR: "" }),
        onTerminal([], { NO_COLOR: "1" }),
        onTerminal(["--no-color"]),
      ]);
      for (const text of [usual, empty]) assert.match(text, color);
      for (const text of without) assert.doesNotMatch(text, color);
    },
  );

  it("has no control characters where there is no terminal", async () => {
    const checks = ["backup", "plan", "doctor", "recover"].map(async (command) => {
      const { stdout, stderr } = await run(argvOf(command, ["gone", ...store(), ...wayTo()]));
      assert.match(stdout + stderr, /gone/, command);
      assert.doesNotMatch(stdout + stderr, escape, command);
    });
    await Promise.all(checks);
  });

  const commands: readonly (readonly [command: string, shape: "lines" | "document", ...flags: string[]])[] = [
    ["backup", "lines", "gone"],
    ["recover", "lines", "gone"],
    ["verify", "lines"],
    ["plan", "document", "gone"],
    ["doctor", "document", "gone"],
    ["list", "document"],
    ["prune", "document", "--dry-run"],
    ["drill", "document"],
    ["drill", "document", "--dry-run"],
  ];
  for (const [command, shape, ...flags] of commands)
    it(`is nothing but objects on standard output with --json: ${[command, ...flags].join(" ")}`, async () => {
      const isOfHosts = flags[0] === "gone";
      const way = isOfHosts || command === "drill" ? wayTo() : [];
      const { stdout, stderr } = await run(argvOf(command, [...flags, ...store(), ...way, "--json"]));
      const texts = shape === "lines" ? stdout.replace(/\n$/, "").split("\n") : [stdout];
      for (const text of texts) {
        const value: unknown = JSON.parse(text === "" ? `"${stderr}"` : text);
        assert.ok(typeof value === "object" && value !== null && "version" in value, text);
      }
    });
});

function needsScript(): string | false {
  return findProgram("script") === undefined ? "script is missing" : false;
}
