// What every HostShell promises. Run on the real one and on whatever stands in for it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HostShell } from "../../lib/backup/ports.ts";

export interface OpenedShell {
  readonly shell: HostShell;
  close(): Promise<void>;
}

/** Arguments that some shell, somewhere, takes for more than text. */
export const awkwardArguments = [
  "",
  " ",
  "a b",
  "it's",
  '"quoted"',
  "$HOME ${PATH} $(id)",
  "`id`",
  "back\\slash\\",
  "new\nline",
  "tab\there",
  "*?[a]{b,c}~!#;&|<>()%^",
  "-n",
  "--",
  "Größe ☃ 𝄞",
  "trailing newline\n",
];

/** Runs the suite on shells that `open` makes. */
export function hostShellContract(name: string, open: () => Promise<OpenedShell>): void {
  describe(`HostShell: ${name}`, () => {
    let opened: OpenedShell;
    before(async () => {
      opened = await open();
    });
    after(async () => {
      await opened.close();
    });
    const shell = (): HostShell => opened.shell;
    describeRun(shell);
    describeRunAll(shell);
    describeRunScript(shell);
    describeDeadlines(shell);
  });
}

function describeRun(shell: () => HostShell): void {
  it("1.3.5 run() tells code, output and errors apart, byte for byte", async () => {
    const result = await shell().run(["sh", "-c", "printf ' out \\n\\n'; printf 'err' >&2; exit 7"]);
    assert.deepEqual(result, { code: 7, stdout: " out \n\n", stderr: "err" });
  });

  it("1.3.5 run() hands on every argument as it is, empty ones too", async () => {
    const { stdout } = await shell().run(["printf", "<%s>", ...awkwardArguments]);
    assert.equal(stdout, awkwardArguments.map((argument) => `<${argument}>`).join(""));
  });

  it("run() answers with 127 for a command that is not there", async () => {
    assert.equal((await shell().run(["virtfold-no-such-command"])).code, 127);
  });

  it("run() gives commands nothing to read", async () => {
    assert.deepEqual(await shell().run(["cat"]), { code: 0, stdout: "", stderr: "" });
  });

  it("run() runs commands in the C locale, and finds what is in sbin", async () => {
    const { stdout } = await shell().run(["sh", "-c", 'echo "$LC_ALL"; echo ":$PATH:"']);
    const [locale, path] = stdout.split("\n");
    assert.equal(locale, "C");
    assert.match(path!, /:\/usr\/sbin:.*:\/sbin:/);
  });

  it("run() hands on lines as they are, and keeps none", async () => {
    const lines: string[] = [];
    const text = "\none\n\n\ntwo Größe\nlast without end";
    const result = await shell().run(["printf", "%s", text], { onLine: (line) => lines.push(line) });
    assert.deepEqual(lines, ["", "one", "", "", "two Größe", "last without end"]);
    assert.equal(result.stdout, "");
  });

  it("1.3.6 run() takes much output whose characters do not end where packets end", async () => {
    const { stdout } = await shell().run(["sh", "-c", "yes 'xäöüß☃𝄞' | head -n 40000"]);
    assert.equal(stdout, "xäöüß☃𝄞\n".repeat(40000));
  });

  it("1.3.10 run() runs more commands at once than a host allows sessions", async () => {
    const numbers = Array.from({ length: 25 }, (_, index) => String(index));
    const results = await Promise.all(numbers.map((number) => shell().run(["echo", number])));
    assert.deepEqual(
      results.map(({ stdout }) => stdout.trim()),
      numbers,
    );
  });
}

function describeRunAll(shell: () => HostShell): void {
  it("runAll() keeps order, and lets no failure stop the rest", async () => {
    const results = await shell().runAll([
      ["echo", "first"],
      ["sh", "-c", "echo second; echo oops >&2; exit 3"],
      ["virtfold-no-such-command"],
      ["printf", "<%s>", ...awkwardArguments],
    ]);
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 3, 127, 0],
    );
    assert.deepEqual(results[1], { code: 3, stdout: "second\n", stderr: "oops\n" });
    assert.equal(results[3]!.stdout, awkwardArguments.map((argument) => `<${argument}>`).join(""));
  });

  it("runAll() is not misled by output that imitates its answers", async () => {
    const imitation = `\n${"0".repeat(32)} ready\n\n${"0".repeat(32)} 0\n\n${"0".repeat(32)} end\n`;
    const results = await shell().runAll([
      ["printf", "%s", imitation],
      ["sh", "-c", 'printf %s "$1" >&2', "sh", imitation],
    ]);
    assert.deepEqual(results, [
      { code: 0, stdout: imitation, stderr: "" },
      { code: 0, stdout: "", stderr: imitation },
    ]);
  });

  it("runAll() of nothing is nothing", async () => {
    assert.deepEqual(await shell().runAll([]), []);
  });
}

function describeRunScript(shell: () => HostShell): void {
  it("runScript() gives the script its arguments, and no input", async () => {
    const script = 'printf "<%s>" "$#" "$@"; cat; exit 9';
    const { code, stdout } = await shell().runScript(script, awkwardArguments);
    assert.equal(
      stdout,
      `<${awkwardArguments.length}>${awkwardArguments.map((text) => `<${text}>`).join("")}`,
    );
    assert.equal(code, 9);
  });

  it("runScript() takes texts and arguments longer than an argv may be", async () => {
    const long = "x".repeat(200_000);
    const script = `# ${long}\ncat <<'END'\nin $HOME\nEND\nprintf %s "$1"\n`;
    const { code, stdout } = await shell().runScript(script, [long]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `in $HOME\n${long}` });
  });

  it("runScript() reports a script that is no shell text", async () => {
    const { code, stderr } = await shell().runScript("echo 'unfinished", []);
    assert.notEqual(code, 0);
    assert.notEqual(stderr, "");
  });

  it("runScript() does not wait for what a script leaves in the background, even with its output", async () => {
    const { code, stdout } = await shell().runScript('sleep 5 & echo "$!"', []);
    assert.equal(code, 0);
    // It is still there, or kill would fail.
    assert.equal((await shell().run(["kill", stdout.trim()])).code, 0);
  });
}

function describeDeadlines(shell: () => HostShell): void {
  it("1.3.8 the host itself ends commands and scripts at their deadline, with code 124", async () => {
    const deadlineSeconds = 0.3;
    const [command, stubborn, commands, script] = await Promise.all([
      shell().run(["sleep", "5"], { deadlineSeconds }),
      shell().run(["sh", "-c", "trap 'exit 3' TERM; sleep 5 & wait"], { deadlineSeconds }),
      shell().runAll(
        [
          ["sleep", "5"],
          ["echo", "after"],
        ],
        { deadlineSeconds },
      ),
      shell().runScript("echo begun; sleep 5; echo done", [], { deadlineSeconds }),
    ]);
    assert.equal(command.code, 124);
    assert.notEqual(stubborn.code, 0);
    assert.deepEqual(
      commands.map(({ code }) => code),
      [124, 0],
    );
    assert.deepEqual({ code: script.code, stdout: script.stdout }, { code: 124, stdout: "begun\n" });
  });
}
