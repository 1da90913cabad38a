// The bounds of a shell, on channels that lead to a process here instead of to a host.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { Channel } from "../../lib/shell/exchange.ts";
import { hostShell } from "../../lib/shell/host-shell.ts";
import { failureOf } from "../ssh/connect-for-test.ts";

const limits = { maxChannels: 8, maxAnswerBytes: 10_000, answerGraceSeconds: 0 };

/** A channel to a local sh. */
function localChannel(): Channel {
  const child = spawn("sh", ["-s"], { stdio: ["pipe", "pipe", "pipe"] });
  const channel = new EventEmitter();
  child.stdout.on("data", (chunk: Buffer) => channel.emit("data", chunk));
  child.on("close", (code, signal) => channel.emit("close", code, signal ?? undefined));
  child.stdin.on("error", () => undefined);
  return Object.assign(channel, {
    stderr: child.stderr,
    write: (text: string) => child.stdin.write(text),
    end: () => child.stdin.end(),
    close: () => void child.kill(),
  });
}

describe("hostShell()", () => {
  const shell = hostShell({ host: "here", openChannel: async () => localChannel() }, limits);

  it("refuses an answer that is longer than memory should hold", async () => {
    const run = shell.run(["sh", "-c", "head -c 20000 /dev/zero; sleep 1"]);
    assert.match((await failureOf(run, "unexpected-answer")).detail, /10000/);
    const lines = shell.run(["head", "-c", "1000000", "/dev/zero"], { onLine: () => undefined });
    await failureOf(lines, "unexpected-answer");
  });

  it("streams more than memory should hold, line by line", async () => {
    let count = 0;
    await shell.run(["sh", "-c", "yes | head -n 20000"], { onLine: () => (count += 1) });
    assert.equal(count, 20_000);
  });

  it("does not wait for ever for a host that says nothing", async () => {
    const silent: Channel = Object.assign(new EventEmitter(), {
      stderr: new PassThrough(),
      ...{ write: () => true, end: () => undefined, close: () => undefined },
    });
    const deaf = hostShell({ host: "deaf", openChannel: async () => silent }, limits);
    const { detail } = await failureOf(deaf.run(["true"], { deadlineSeconds: 0.1 }), "connection-lost");
    assert.match(detail, /0\.1 s/);
  });

  it("gives up when the host refuses even a single session", async () => {
    const closed = hostShell({ host: "closed", openChannel: async () => undefined }, limits);
    await failureOf(closed.run(["true"]), "unexpected-answer");
  });

  it("refuses arguments that no process can be given", async () => {
    await assert.rejects(shell.run(["echo", "a\0b"]), TypeError);
    await assert.rejects(shell.runScript("a\0b", []), TypeError);
  });
});
