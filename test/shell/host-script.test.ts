// The text that hosts run, given to the shells they have.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { collectAnswer } from "../../lib/shell/answer-reader.ts";
import { readResults } from "../../lib/shell/host-answer.ts";
import { commandsScript, hostCommandLine, textScript } from "../../lib/shell/host-script.ts";
import { findProgram } from "../ssh/find-program.ts";

const folder = mkdtempSync(join(tmpdir(), "vf-script-"));
after(() => rmSync(folder, { recursive: true }));
const frame = { marker: "0123456789abcdef", deadlineSeconds: 20 };
const shells = ([["dash"], ["bash"], ["busybox", "sh"]] as const).filter(
  ([name]) => findProgram(name) !== undefined,
);

function runIn(
  [program, ...args]: readonly [string, ...string[]],
  script: string,
): ReturnType<typeof readResults> {
  const { stdout, stderr } = spawnSync(program, [...args, "-s"], { input: script });
  const [out, err] = [stdout, stderr].map((bytes) => {
    const reader = collectAnswer(frame.marker, "end");
    reader.push(bytes);
    return reader;
  });
  const answer = { stdout: out!.parts(), stderr: err!.parts(), unread: err!.unread() };
  return readResults(answer, { host: "here", command: "test", resultCount: 1 });
}

for (const shell of shells) {
  describe(`a script for hosts, under ${shell.join(" ")}`, () => {
    it("gives the result of a command", () => {
      const script = commandsScript([["sh", "-c", "echo out; echo err >&2; exit 3"]], frame);
      assert.deepEqual(runIn(shell, script), [{ code: 3, stdout: "out\n", stderr: "err\n" }]);
    });

    it("runs nothing of itself when it arrives only in part", () => {
      const file = join(folder, `touched by ${shell[0]}`);
      const scripts = [commandsScript([["touch", file]], frame), textScript(`touch "$1"\n`, [file], frame)];
      for (const script of scripts) {
        for (const share of [0.3, 0.6, 0.9, 0.999]) {
          runIn(shell, script.slice(0, Math.floor((script.length - 2) * share)));
          assert.equal(existsSync(file), false);
        }
        assert.deepEqual(runIn(shell, script), [{ code: 0, stdout: "", stderr: "" }]);
        rmSync(file);
      }
    });

    it("hides settings of the account from what it runs", () => {
      const script = commandsScript(
        [["sh", "-c", 'echo "$LC_ALL ${LIBVIRT_DEFAULT_URI-unset} ${RSYNC_RSH-unset}"']],
        frame,
      );
      const spoiled = `LC_ALL=de_DE LIBVIRT_DEFAULT_URI=test:///x RSYNC_RSH=x; export LC_ALL LIBVIRT_DEFAULT_URI RSYNC_RSH\n`;
      assert.deepEqual(runIn(shell, spoiled + script), [{ code: 0, stdout: "C unset unset\n", stderr: "" }]);
    });

    it("gives text no name of a file, no input and no open descriptors of ours", () => {
      const text = 'echo "$0"; cat; [ -e /proc/self/fd/3 ] && echo open; exit 0';
      assert.deepEqual(runIn(shell, textScript(text, [], frame)), [
        { code: 0, stdout: "virtfold\n", stderr: "" },
      ]);
    });
  });
}

describe("hostCommandLine", () => {
  it("is made of words that every login shell takes for words", () => {
    for (const sudo of [false, true]) assert.match(hostCommandLine({ sudo }), /^[a-z -]+$/);
  });
});

describe("readResults()", () => {
  const question = { host: "kvm1", command: "virsh list", resultCount: 1 };
  const part = (words: string, before = ""): { before: Buffer; words: string } => ({
    before: Buffer.from(before),
    words,
  });
  const whole = [part("ready"), part("0", "out"), part("end")];

  it("wants both streams whole", () => {
    const cases = [
      { stdout: [], stderr: [], unread: "" },
      { stdout: whole.slice(0, 2), stderr: whole, unread: "" },
      { stdout: whole, stderr: whole.slice(0, 2), unread: "" },
      { stdout: [part("ready"), part("x"), part("end")], stderr: whole, unread: "" },
      { stdout: [...whole, part("end")], stderr: whole, unread: "" },
    ];
    for (const answer of cases) {
      const result = readResults(answer, question);
      assert.equal("kind" in result && result.kind, "unexpected-answer");
    }
  });

  it("quotes complaints and what an rc file printed, but nothing that commands printed", () => {
    const stdout = [part("ready"), part("0", "<graphics passwd='s3cret'/>")];
    const detailOf = (answer: Parameters<typeof readResults>[0]): string => {
      const result = readResults(answer, question);
      return "detail" in result ? result.detail : "";
    };
    assert.equal(detailOf({ stdout, stderr: [part("ready")], unread: "" }), "its answer is not whole");
    assert.equal(detailOf({ stdout, stderr: [part("ready"), part("0", "oh")], unread: "" }), "oh");
    assert.equal(
      detailOf({ stdout: [part("ready", "no login today")], stderr: [], unread: "" }),
      "no login today",
    );
  });

  it("says what the host said instead", () => {
    const result = readResults({ stdout: [], stderr: [], unread: "  not available \n" }, question);
    assert.equal("detail" in result && result.detail, "not available");
  });
});
