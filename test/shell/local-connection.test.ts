// What is special about this machine as a host: processes of ours, which must end or stay as they would on any host.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openLocalChannel } from "../../lib/shell/local-channel.ts";
import { openLocalConnection } from "../../lib/shell/local-connection.ts";
import type { LocalConnection } from "../../lib/shell/local-connection.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { waitUntil } from "../lab/wait-until.ts";

const { signal } = new AbortController();
const path = process.env["PATH"];

const open = (environment: Readonly<Record<string, string | undefined>> = {}): Promise<LocalConnection> =>
  openLocalConnection({ name: "here" }, { environment: { PATH: path, ...environment }, signal });

describe("openLocalConnection()", () => {
  it("shows what it runs nothing of our environment but what a login has, and neither our folder nor our session", async () => {
    const secrets = { VIRTFOLD_PING_URL: "https://example.org/secret", HOME: "/home/me", LANG: "de_DE" };
    const shell = await open(secrets);
    const { stdout } = await shell.run(["sh", "-c", "env; pwd; cut -d' ' -f6 /proc/self/stat"]);
    assert.match(stdout, /^HOME=\/home\/me$/m);
    assert.match(stdout, /^\/$/m);
    assert.doesNotMatch(stdout, /secret|de_DE/);
    const ours = (await shell.run(["cut", "-d ", "-f6", `/proc/${process.pid}/stat`])).stdout;
    assert.notEqual(stdout.trim().split("\n").at(-1), ours.trim());
    await shell.close();
  });

  it("says that the connection is lost when the shell is killed: nobody knows what it did", async () => {
    const shell = await open();
    const lines: string[] = [];
    const run = shell.run(["sh", "-c", 'ps -o ppid= -p "$PPID"; exec sleep 2'], {
      onLine: (line) => {
        lines.push(line);
        process.kill(Number(line), "SIGKILL");
      },
    });
    assert.match((await failureOf(run, "connection-lost")).detail, /SIGKILL/);
    await shell.close();
  });

  it("runs nothing once it is closed, nor when the run was stopped before", async () => {
    const shell = await open();
    await shell.close();
    assert.equal(shell.isLost, true);
    await failureOf(shell.run(["true"]), "connection-lost");
    const stopped = AbortSignal.abort("SIGINT");
    await failureOf(
      openLocalConnection({ name: "here" }, { environment: {}, signal: stopped }),
      "interrupted",
    );
  });

  it("leaves what has a session of its own alone when it is closed", async () => {
    const shell = await open();
    const { stdout } = await shell.runScript("setsid sleep 30 </dev/null >/dev/null 2>&1 & echo $!", []);
    const pid = Number(stdout);
    await shell.close();
    assert.ok(isAlive(pid));
    process.kill(pid);
  });
});

describe("openLocalChannel()", () => {
  const folder = mkdtempSync(join(tmpdir(), "vf-channel-"));
  after(() => rmSync(folder, { recursive: true }));

  it("ends all of its group when it is closed in the middle", async () => {
    // It speaks when it is spoken to: what it said before we listened, Bun may not tell us any more.
    const commandLine = "read -r _; sleep 30 & echo $!; exec sleep 30";
    const channel = await openLocalChannel(commandLine, { PATH: path ?? "" });
    const pid = await new Promise<number>((resolve) => {
      channel.on("data", (chunk) => resolve(Number(chunk.toString())));
      channel.write("\n");
    });
    const closed = new Promise<void>((resolve) => channel.on("close", () => resolve()));
    channel.close();
    await closed;
    await waitUntil("it has ended", { limitSeconds: 10 }, async () => (isAlive(pid) ? undefined : true));
  });
});

/** Not one that has ended and that nobody has asked for. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
