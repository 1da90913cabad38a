// A host that stops answering and closes nothing, as when it hangs or its network is gone: noticed within a minute.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import { openTransfer } from "../../lib/transfer/open-transfer.ts";
import { connectTo, failureOf } from "./connect-for-test.ts";
import { findProgram } from "./find-program.ts";
import { sshdPath, startSshd } from "./real-sshd.ts";
import type { RealSshd } from "./real-sshd.ts";

const canRun = sshdPath !== undefined && findProgram("rsync") !== undefined;
const imageBytes = 4 * 1024 ** 3;

interface EndlessCopy {
  readonly begun: Promise<unknown>;
  /** When its link counts as broken. */
  readonly broken: Promise<unknown>;
  goesOn(): Promise<unknown>;
  stop(): Promise<void>;
}

describe("a peer that is dead", { skip: !canRun }, () => {
  let hanging: RealSshd;
  let healthy: RealSshd;
  const connections: Connection[] = [];
  const stops: (() => Promise<void>)[] = [];
  before(async () => {
    [hanging, healthy] = await Promise.all([startSshd(), startSshd()]);
    healthy.folder.addHost("hanging", hanging.port, [
      `UserKnownHostsFile "${hanging.folder.knownHosts}"`,
      `IdentityFile "${hanging.folder.userKey}"`,
    ]);
    healthy.folder.addHost("behind", healthy.port, ["ProxyJump hanging"]);
  });
  after(async () => {
    hanging?.cutConnections();
    await Promise.all(stops.map((stop) => stop()));
    await Promise.all(connections.map((connection) => connection.close()));
    await Promise.all([hanging?.close(), healthy?.close()]);
  });

  const connect = async (alias: string): Promise<Connection> => {
    const connection = await connectTo(healthy.folder, alias);
    connections.push(connection);
    return connection;
  };
  const echo = async (connection: Connection): Promise<void> =>
    assert.equal((await connection.run(["echo", "here"])).stdout, "here\n");

  it("is noticed by commands, also through a hop, and by disks; no other host's work minds", async () => {
    const [direct, behind, other] = [
      await connect("hanging"),
      await connect("behind"),
      await connect("real"),
    ];
    const copy = copyEndlessly();
    stops.push(() => copy.stop());
    await Promise.all([echo(direct), echo(behind), echo(other), copy.begun]);
    const lost = [direct, behind].map((connection) =>
      failureOf(connection.run(["sleep", "200"], { deadlineSeconds: 200 }), "connection-lost"),
    );
    hanging.stopConnections();
    const since = performance.now();
    const noticed = async (work: Promise<unknown>): Promise<number> => {
      await work;
      return performance.now() - since;
    };
    const times = await Promise.all([...lost, copy.broken].map(noticed));
    for (const time of times) assert.ok(time > 5_000 && time < 60_000, String(times));
    assert.deepEqual([direct.isLost, behind.isLost, other.isLost], [true, true, false]);
    await echo(other);
    // It answers those who come anew.
    await Promise.all([copy.goesOn(), connect("hanging").then(echo)]);
  });

  /** Copies an image that takes long, and goes on with it when the link broke. */
  function copyEndlessly(): EndlessCopy {
    const path = join(hanging.folder.path, "image");
    writeFileSync(path, "");
    truncateSync(path, imageBytes);
    const controller = new AbortController();
    const events = new EventEmitter();
    const settings = { configFile: healthy.folder.configFile, environment: process.env };
    const versions = { localRsyncVersion: "3.2.0", remoteRsyncVersion: "3.2.0" };
    const copying = async (): Promise<void> => {
      const host = { name: "hanging", destination: "hanging", uri: "" };
      const transfer = await openTransfer(host, { ...settings, ...versions, pauses: [0.1] });
      const layer = { path, source: "file", fileBytes: imageBytes } as const;
      const copy = transfer.copierFor("web").copyImage(layer, join(healthy.folder.path, "copy"), {
        signal: controller.signal,
        onProgress: () => events.emit("progress"),
        onBreak: () => events.emit("break"),
      });
      try {
        await failureOf(copy, "interrupted");
      } finally {
        await transfer.close();
      }
    };
    const [begun, broken] = [once(events, "progress"), once(events, "break")];
    const ended = copying();
    return {
      begun,
      broken,
      goesOn: () => once(events, "progress"),
      stop: async () => {
        controller.abort(new BackupError({ kind: "interrupted", signal: "SIGINT" }));
        await ended;
      },
    };
  }
});
