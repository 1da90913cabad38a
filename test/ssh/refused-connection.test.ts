// Connections that cannot be made, and what is said of each.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { openConnection } from "../../lib/ssh/connection.ts";
import { startSshServer } from "../support/ssh-server.ts";
import type { SshServer } from "../support/ssh-server.ts";
import { connectTo, failureOf } from "./connect-for-test.ts";
import { makeKey, publicKeyOf } from "./ssh-folder.ts";

const { signal } = new AbortController();

describe("a connection that cannot be made", () => {
  let server: SshServer;
  before(async () => {
    server = await startSshServer();
  });
  after(async () => {
    await server.close();
  });

  it("an unknown key: its fingerprint, and the command that adds it", async () => {
    server.folder.addHost("stranger", server.port, [`UserKnownHostsFile "${server.folder.path}/empty"`]);
    const { folder } = server;
    const reason = await failureOf(connectTo(folder, "stranger"), "host-unknown-key");
    assert.match(reason.fingerprint, /^SHA256:[\w+/]{43}$/);
    assert.equal(
      reason.command,
      `ssh -F ${folder.configFile} -o BatchMode=no -o StrictHostKeyChecking=ask -- stranger true`,
    );
  });

  it("a changed key: the files that hold the old one", async () => {
    const { folder, port } = server;
    const other = `${folder.path}/other`;
    makeKey(other);
    writeFileSync(`${folder.path}/old hosts`, `[127.0.0.1]:${port} ${publicKeyOf(other)}\n`);
    folder.addHost("changed", port, [
      `UserKnownHostsFile "${folder.path}/old hosts"`,
      "StrictHostKeyChecking no",
    ]);
    const reason = await failureOf(connectTo(folder, "changed"), "host-key-changed");
    assert.deepEqual(reason.files, [`${folder.path}/old hosts`]);
  });

  it("a host that has no key of the type it is known by counts as changed", async () => {
    const { folder, port } = server;
    const other = `${folder.path}/ecdsa`;
    makeKey(other, ["-t", "ecdsa"]);
    writeFileSync(`${folder.path}/ecdsa hosts`, `[127.0.0.1]:${port} ${publicKeyOf(other)}\n`);
    folder.addHost("ecdsa", port, [`UserKnownHostsFile "${folder.path}/ecdsa hosts"`]);
    const reason = await failureOf(connectTo(folder, "ecdsa"), "host-key-changed");
    assert.match(reason.fingerprint, /ecdsa-sha2-nistp256/);
  });

  it("an accepted new key is known from then on", async () => {
    const { folder, port } = server;
    const hosts = `${folder.path}/new/hosts`;
    folder.addHost("fresh", port, [`UserKnownHostsFile "${hosts}"`, "StrictHostKeyChecking accept-new"]);
    await (await connectTo(folder, "fresh")).close();
    assert.equal(readFileSync(hosts, "utf8"), `[127.0.0.1]:${port} ${publicKeyOf(folder.hostKey)}\n`);
    folder.addHost("no-longer-fresh", port, [`UserKnownHostsFile "${hosts}"`]);
    await (await connectTo(folder, "no-longer-fresh")).close();
  });

  it("a refused login: who, and with which keys", async () => {
    const { folder, port } = server;
    const [wrong, locked] = [`${folder.path}/wrong key`, `${folder.path}/locked`];
    makeKey(wrong);
    makeKey(locked);
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "secret", "-f", locked]);
    folder.addHost("refusing", port, [
      `IdentityFile "${wrong}"`,
      `IdentityFile "${locked}"`,
      `IdentityFile "${folder.path}/missing"`,
    ]);
    writeFileSync(
      folder.configFile,
      readFileSync(folder.configFile, "utf8").replace(/(Host refusing[^]*?missing"\n).*\n/, "$1"),
    );
    const reason = await failureOf(connectTo(folder, "refusing"), "login-refused");
    assert.deepEqual(reason.tried, [
      wrong,
      `${locked} (encrypted: load it into ssh-agent)`,
      `${folder.path}/missing (not found)`,
    ]);
  });

  it("1.3.14 nobody listens: host-unreachable, and nothing is left that keeps the process alive", async () => {
    const idle = createServer().listen(0, "127.0.0.1");
    await once(idle, "listening");
    const { port } = idle.address() as AddressInfo;
    idle.close();
    await once(idle, "close");
    server.folder.addHost("nobody", port);
    const { detail } = await failureOf(connectTo(server.folder, "nobody"), "host-unreachable");
    assert.match(detail, /ECONNREFUSED/);
  });

  it("somebody listens who does not speak SSH: host-unreachable after ConnectTimeout", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    server.folder.addHost("silent", (silent.address() as AddressInfo).port, ["ConnectTimeout 1"]);
    const { detail } = await failureOf(connectTo(server.folder, "silent"), "host-unreachable");
    assert.match(detail, /Timed out/);
    silent.close();
  });

  it("an abort ends the attempt, and says why", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    server.folder.addHost("aborted", (silent.address() as AddressInfo).port);
    const controller = new AbortController();
    silent.once("connection", () =>
      controller.abort(new BackupError({ kind: "interrupted", signal: "SIGINT" })),
    );
    const host = { name: "aborted", destination: "aborted", uri: "" };
    const options = {
      configFile: server.folder.configFile,
      environment: process.env,
      signal: controller.signal,
    };
    assert.equal((await failureOf(openConnection(host, options), "interrupted")).signal, "SIGINT");
    assert.equal((await failureOf(openConnection(host, options), "interrupted")).signal, "SIGINT");
    silent.close();
  });

  it("an unknown name: host-unreachable", async () => {
    const { folder } = server;
    writeFileSync(`${folder.path}/dns`, "Host *\n  HostName virtfold.invalid\n");
    assert.match(
      (
        await failureOf(
          openConnection(
            { name: "x", destination: "x", uri: "" },
            { configFile: `${folder.path}/dns`, environment: process.env, signal },
          ),
          "host-unreachable",
        )
      ).detail,
      /virtfold\.invalid/,
    );
  });
});
