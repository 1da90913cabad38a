// Hosts that answer, but not as a POSIX shell with room for ten sessions does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { ServerChannel } from "ssh2";
import { hostCommandLine } from "../../lib/shell/host-script.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { startSshServer, withServer } from "../support/ssh-server.ts";
import type { SshServer } from "../support/ssh-server.ts";
import { connectTo, failureOf } from "./connect-for-test.ts";

describe("a host that answers strangely", () => {
  const cases: readonly [title: string, script: string, detail: RegExp][] = [
    ["no login allowed", "echo 'This account is currently not available.'; exit 1", /not available/],
    ["no sh", "echo 'sh: not found' >&2; exit 127", /sh: not found/],
    ["an echo of what it is sent", "exec cat", /./],
  ];
  for (const [title, script, detail] of cases) {
    it(`${title}: unexpected-answer, with what it said`, async () => {
      await withServer({ loginShell: () => ["/bin/sh", "-c", script] }, async (server) => {
        const connection = await connectTo(server.folder, "inside");
        assert.match((await failureOf(connection.run(["true"]), "unexpected-answer")).detail, detail);
        await connection.close();
      });
    });
  }

  it("an answer that is cut off: nothing of it is quoted, for it may be a definition with its passwords", async () => {
    const loginShell = (): readonly [string, ...string[]] => ["/bin/sh", "-c", "sh -s | head -n 3"];
    await withServer({ loginShell }, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      const run = connection.run(["sh", "-c", "echo passwd=s3cret; echo"]);
      assert.equal((await failureOf(run, "unexpected-answer")).detail, "its answer is not whole");
      await connection.close();
    });
  });

  it("a shell that ends before it has read anything, all of it in one piece: what it said, not a lost link", async () => {
    const refuse = (channel: ServerChannel): boolean => {
      channel.stderr.write("sudo: a password is required\n");
      channel.exit(1);
      channel.end();
      return true;
    };
    await withServer({ onExec: refuse }, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      const { detail } = await failureOf(connection.run(["true"]), "sudo-refused");
      assert.equal(detail, "a password is required");
      await connection.close();
    });
  });

  it("no timeout: tool-missing", async () => {
    const loginShell = (): readonly [string, ...string[]] => [
      "/bin/sh",
      "-c",
      "sed 's/command -v timeout/false/' | sh -s",
    ];
    await withServer({ loginShell }, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      assert.equal((await failureOf(connection.run(["true"]), "tool-missing")).tool, "timeout");
      await connection.close();
    });
  });
});

describe("commands", () => {
  let server: SshServer;
  let connection: Connection;
  before(async () => {
    server = await startSshServer({ maxSessions: 3 });
    connection = await connectTo(server.folder, "inside");
  });
  after(async () => {
    await connection.close();
    await server.close();
  });

  it("never appear in what the login shell is given", async () => {
    await connection.run(["echo", "$(secret) 'word"]);
    await connection.runScript("echo secret", ["secret"]);
    assert.deepEqual([...new Set(server.commandLines)], [hostCommandLine({})]);
  });

  it("1.3.10 more concurrent commands than the host's MaxSessions all run, each once", async () => {
    const file = `${server.folder.path}/ran`;
    const numbers = Array.from({ length: 20 }, (_, index) => String(index));
    const append = ["sh", "-c", 'echo "$1" >>"$2"; echo "$1"', "sh"] as const;
    const results = await Promise.all(numbers.map((number) => connection.run([...append, number, file])));
    assert.deepEqual(
      results.map(({ stdout }) => stdout.trim()),
      numbers,
    );
    const ran = readFileSync(file, "utf8").trim().split("\n");
    assert.deepEqual(
      ran.sort((a, b) => Number(a) - Number(b)),
      numbers,
    );
  });

  it("1.3.11 overlapping commands bring no warning about listeners", async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error): void => void warnings.push(message);
    process.on("warning", note);
    await Promise.all(Array.from({ length: 30 }, () => connection.run(["true"])));
    process.off("warning", note);
    assert.deepEqual(warnings, []);
  });

  it("a listener to lines that throws fails its own command only", async () => {
    const onLine = (): void => {
      throw new Error("from the listener");
    };
    await assert.rejects(connection.run(["echo", "x"], { onLine }), /from the listener/);
    assert.equal((await connection.run(["echo", "x"])).stdout, "x\n");
  });
});
