// Against OpenSSH's own server and agent: what only the real ones do.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { connectTo, failureOf } from "./connect-for-test.ts";
import { sshdPath, startSshd } from "./real-sshd.ts";
import type { RealSshd } from "./real-sshd.ts";
import { freePort, makeKey } from "./ssh-folder.ts";

describe("with OpenSSH", { skip: sshdPath === undefined }, () => {
  let server: RealSshd;
  let stopAgent: () => Promise<void>;
  before(async () => {
    server = await startSshd(["RekeyLimit 1M", "MaxAuthTries 3"]);
    stopAgent = await startAgent(`${server.folder.path}/agent`);
  });
  after(async () => {
    await stopAgent();
    await server.close();
  });
  const addHost = (alias: string, lines: readonly string[], withKey = true): void => {
    server.folder.addHost(alias, server.port, lines, { withKey });
  };
  const answers = async (alias: string): Promise<void> => {
    const connection = await connectTo(server.folder, alias);
    try {
      const { stdout } = await connection.run(["echo", "here"]);
      assert.equal(stdout, "here\n");
    } finally {
      await connection.close();
    }
  };

  it("1.3.1 no command waits for the network's politeness: setNoDelay is called as the socket is opened", async (t) => {
    const original = Reflect.get(Socket.prototype, "setNoDelay");
    const calls: { value: unknown; wasConnecting: boolean }[] = [];
    Socket.prototype.setNoDelay = function (this: Socket, value) {
      calls.push({ value, wasConnecting: this.connecting });
      return original.call(this, value);
    };
    t.after(() => (Socket.prototype.setNoDelay = original));
    await answers("real");
    assert.deepEqual(calls, [{ value: true, wasConnecting: true }]);
  });

  it("1.3.4 rekeying in mid-answer asks for the same verdict, and goes on", async () => {
    const connection = await connectTo(server.folder, "real");
    const { stdout } = await connection.run(["sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' x"]);
    assert.equal(stdout.length, 5_000_000);
    await connection.close();
  });

  it("1.3.9 what a lost connection leaves running ends at its deadline", async () => {
    const file = `${server.folder.path}/running`;
    const connection = await connectTo(server.folder, "real");
    const script = 'echo $$ >"$1"; sleep 30';
    const running = connection.runScript(script, [file], { deadlineSeconds: 0.5 });
    const lost = failureOf(running, "connection-lost");
    await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
    await connection.close();
    await lost;
    const pid = readFileSync(file, "utf8").trim();
    await until(() => !existsSync(`/proc/${pid}`));
  });

  it("1.3.12 an agent that is gone does not keep the key files from being tried", async () => {
    addHost("dead-agent", [`IdentityAgent "${server.folder.path}/no such socket"`]);
    await answers("dead-agent");
  });

  it("the agent's keys are tried, those that the configuration names first", async () => {
    const { path, userKey } = server.folder;
    // More keys than the server allows attempts, the right one last.
    for (const number of [1, 2, 3, 4]) {
      makeKey(`${path}/agent ${number}`);
      addToAgent(path, `${path}/agent ${number}`);
    }
    addToAgent(path, userKey);
    addHost("named", [`IdentityAgent "${path}/agent"`]);
    await answers("named");
    addHost(
      "only",
      [`IdentityAgent "${path}/agent"`, "IdentitiesOnly yes", `IdentityFile "${userKey}.pub"`],
      false,
    );
    await answers("only");
    addHost(
      "unnamed",
      [`IdentityAgent "${path}/agent"`, "IdentitiesOnly yes", `IdentityFile "${path}/none"`],
      false,
    );
    const { tried } = await failureOf(connectTo(server.folder, "unnamed"), "login-refused");
    assert.deepEqual(tried, [`agent ${path}/agent (no keys)`, `${path}/none (not found)`]);
  });

  it("an encrypted key is used from the agent that holds it", async () => {
    const { path } = server.folder;
    makeKey(`${path}/locked`);
    addToAgent(path, `${path}/locked`);
    writeFileSync(`${path}/authorized_keys`, readFileSync(`${path}/locked.pub`), { flag: "a" });
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "secret", "-f", `${path}/locked`]);
    addHost(
      "locked",
      [`IdentityAgent "${path}/agent"`, "IdentitiesOnly yes", `IdentityFile "${path}/locked"`],
      false,
    );
    await answers("locked");
  });

  it("RSA keys log in too", async () => {
    const { path } = server.folder;
    makeKey(`${path}/rsa`, ["-t", "rsa", "-b", "2048"]);
    writeFileSync(`${path}/authorized_keys`, readFileSync(`${path}/rsa.pub`), { flag: "a" });
    addHost("rsa", [`IdentityFile "${path}/rsa"`], false);
    await answers("rsa");
  });

  it("hosts behind one hop, two hops and a ProxyCommand are reached; the hops end with the connection", async () => {
    const { folder } = server;
    addHost("behind", ["ProxyJump real"]);
    addHost("far-behind", ["ProxyJump real,behind"]);
    addHost("commanded", [`ProxyCommand ssh -F '${folder.configFile}' -W [%h]:%p real`]);
    await Promise.all(["behind", "far-behind", "commanded"].map(answers));
    await until(
      () =>
        !execFileSync("ps", ["ax", "-o", "args"], { encoding: "utf8" }).includes(`${folder.configFile} -`),
    );
  });

  it("a hop that fails is named with what it said", async () => {
    const port = await freePort();
    addHost("cut-off", [`ProxyJump 127.0.0.1:${port}`]);
    const refused = await failureOf(connectTo(server.folder, "cut-off"), "host-unreachable");
    assert.match(refused.detail, /Connection refused/);
    addHost("no-hop", [`ProxyCommand sh -c "echo 'the gate is closed' >&2; exit 1"`]);
    assert.match(
      (await failureOf(connectTo(server.folder, "no-hop"), "host-unreachable")).detail,
      /the gate is closed/,
    );
  });

  it("1.3.13 a host that hangs up is noticed before the next command", async () => {
    const connection = await connectTo(server.folder, "real");
    const { stdout } = await connection.run([
      "sh",
      "-c",
      'read -r _ _ _ sshd _ <"/proc/$PPID/stat"; echo "$PPID"',
    ]);
    assert.match(stdout, /^\d+\n$/);
    // The session's sshd is our shell's ancestor; without it the host hangs up.
    const hangUp =
      'p=$PPID; while read -r _ name _ parent _ <"/proc/$p/stat" && [ "$name" != "(sshd)" ]; do p=$parent; done; kill "$p"';
    await failureOf(connection.run(["sh", "-c", hangUp]), "connection-lost");
    assert.equal(connection.isLost, true);
    await connection.close();
  });

  it("1.3.14 after close(), and after a refusal, the process ends by itself", async () => {
    const { configFile } = server.folder;
    addHost("nobody", ["User virtfold-nobody"]);
    assert.equal(
      await runScript("open-and-close.ts", [configFile, "real", "nobody"]),
      "real connected\nnobody refused\n",
    );
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function startAgent(socket: string): Promise<() => Promise<void>> {
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  const exited = new Promise((resolve) => agent.once("exit", resolve));
  await until(() => existsSync(socket));
  return async () => {
    agent.kill();
    await exited;
  };
}

function addToAgent(folder: string, key: string): void {
  execFileSync("ssh-add", ["-q", key], {
    env: { ...process.env, SSH_AUTH_SOCK: `${folder}/agent` },
    stdio: "ignore",
  });
}

/** Runs a script beside this file under the runtime that runs this test, to its own end. */
async function runScript(name: string, args: readonly string[]): Promise<string> {
  // Deno's type checker, given this tsconfig, knows no `import.meta.url`.
  const script = fileURLToPath(new URL(name, (import.meta as { readonly url: string }).url));
  const loader = "Deno" in globalThis ? ["run", "-A"] : "Bun" in globalThis ? [] : ["--import", "tsx"];
  const child = spawn(process.execPath, [...loader, script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return printed;
}
