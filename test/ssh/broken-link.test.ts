// What goes wrong between two machines, on demand: a server in this process breaks links as told.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withServer } from "../support/ssh-server.ts";
import type { SshServer } from "../support/ssh-server.ts";
import { connectTo, failureOf } from "./connect-for-test.ts";

describe("a link that breaks", () => {
  it("1.3.2 a reset in mid-command is a failure of that host, not an uncaught exception", async () => {
    await withServer({ onExec: (_channel, server) => (server.resetLinks(), true) }, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      const reason = await failureOf(connection.run(["true"]), "connection-lost");
      assert.equal(reason.host, "inside");
      assert.equal(connection.isLost, true);
      await connection.close();
    });
  });

  it("1.3.2 a reset while nothing runs ends later commands at once", async () => {
    await withServer({}, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      assert.equal((await connection.run(["true"])).code, 0);
      server.resetLinks();
      await failureOf(connection.run(["true"]), "connection-lost");
      await failureOf(connection.runAll([["true"]]), "connection-lost");
      await failureOf(connection.runScript("true", []), "connection-lost");
      await connection.close();
    });
  });

  it("1.3.3 a lost link is never success, whatever has come before it", async () => {
    const half = (channel: { write(text: string): void }, server: SshServer): boolean => {
      channel.write("half of an ans");
      setImmediate(server.resetLinks);
      return true;
    };
    await withServer({ onExec: half }, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      await failureOf(connection.run(["echo", "whole"]), "connection-lost");
      await connection.close();
    });
  });

  it("1.3.3 a shell that a signal ends is not success either", async () => {
    await withServer({ loginShell: () => ["/bin/sh", "-c", "kill -KILL $$"] }, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      const { detail } = await failureOf(connection.run(["true"]), "connection-lost");
      assert.match(detail, /KILL/);
      assert.equal(connection.isLost, false);
      await connection.close();
    });
  });

  it("all commands that run or wait fail when the link breaks", async () => {
    let begun = 0;
    const onExec = (_channel: unknown, server: SshServer): boolean => {
      if (++begun === 2) server.resetLinks();
      return true;
    };
    await withServer({ onExec }, async (server) => {
      const connection = await connectTo(server.folder, "inside", 2);
      const commands = Array.from({ length: 6 }, () =>
        failureOf(connection.run(["true"]), "connection-lost"),
      );
      assert.equal((await Promise.all(commands)).length, 6);
      await connection.close();
    });
  });

  it("commands after close() fail", async () => {
    await withServer({}, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      await connection.close();
      assert.equal(connection.isLost, true);
      await failureOf(connection.run(["true"]), "connection-lost");
      await connection.close();
    });
  });

  it("a frozen link does not keep close() waiting", async () => {
    await withServer({}, async (server) => {
      const connection = await connectTo(server.folder, "inside");
      server.freezeLinks();
      await connection.close();
      assert.equal(connection.isLost, true);
    });
  });
});
