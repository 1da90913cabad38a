// The contract of HostShell on our connections: against OpenSSH's server, against login shells of many kinds, and without SSH.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, it } from "node:test";
import { openConnection } from "../../lib/ssh/connection.ts";
import { openLocalConnection } from "../../lib/shell/local-connection.ts";
import { findProgram } from "../ssh/find-program.ts";
import { sshdPath, startSshd } from "../ssh/real-sshd.ts";
import { startSshServer } from "../support/ssh-server.ts";
import type { SshServerOptions } from "../support/ssh-server.ts";
import { hostShellContract } from "./host-shell-contract.ts";
import type { OpenedShell } from "./host-shell-contract.ts";

/** What a chatty account prints before any command runs. */
const noise = "echo Welcome; echo 'stty: stdin is not a terminal' >&2; printf 'no newline at the end'\n";

if (sshdPath === undefined) describe("HostShell: OpenSSH", () => it.skip("sshd is missing", () => undefined));
else {
  hostShellContract("a connection to OpenSSH's sshd, with rc files that print", async () => {
    const server = await startSshd();
    for (const name of [".bashrc", ".profile", ".zshenv", ".cshrc"])
      writeFileSync(join(server.home, name), noise);
    return await openShell({
      alias: "real",
      configFile: server.folder.configFile,
      close: () => server.close(),
    });
  });
}

for (const [name, sh] of [
  ["dash", findProgram("dash")],
  ["busybox sh", findProgram("busybox")],
  ["bash as sh", findProgram("bash")],
] as const) {
  if (sh === undefined) continue;
  hostShellContract(`a host whose sh is ${name}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "vf-sh-"));
    symlinkSync(sh, join(folder, "sh"));
    const environment = { PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
    return await openInside({ environment }, () => rmSync(folder, { recursive: true }));
  });
}

hostShellContract("a host whose login shell is no POSIX shell, and is chatty", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vf-login-"));
  mkdirSync(join(folder, "bin"));
  // Like csh and fish it knows words, `exec` and little else: it would fail on anything but our constant text.
  const shell = join(folder, "bin", "strange-shell");
  writeFileSync(
    shell,
    `#!/bin/sh\n${noise}case $2 in *[!a-z\\ -]*) echo "strange: cannot parse" >&2; exit 1 ;; esac\nset -- $2\nshift\nexec "$@"\n`,
  );
  chmodSync(shell, 0o755);
  return await openInside({ loginShell: (line) => [shell, "-c", line] }, () =>
    rmSync(folder, { recursive: true }),
  );
});

for (const sudo of [false, true]) {
  const canBecomeRoot = !sudo || spawnSync("sudo", ["-n", "sh", "-s"], { input: "true" }).status === 0;
  const name = sudo ? "this machine as root, without SSH" : "this machine, without SSH";
  if (!canBecomeRoot)
    describe(`HostShell: ${name}`, () => it.skip("sudo asks for a password", () => undefined));
  else
    hostShellContract(name, async () => {
      const environment = { ...process.env, LC_ALL: "de_DE.UTF-8", BASH_ENV: "/nonexistent" };
      const { signal } = new AbortController();
      const shell = await openLocalConnection({ name: "here", sudo }, { environment, signal });
      return { shell, close: () => shell.close() };
    });
}

interface Place {
  readonly alias: string;
  readonly configFile: string;
  readonly close: () => Promise<void>;
}

async function openShell({ alias, configFile, close }: Place): Promise<OpenedShell> {
  const shell = await openConnection(
    { name: alias, destination: alias, uri: "qemu:///system" },
    { configFile, environment: process.env, signal: new AbortController().signal },
  ).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    shell,
    close: async () => {
      await shell.close();
      await close();
    },
  };
}

async function openInside(options: SshServerOptions, cleanUp: () => void): Promise<OpenedShell> {
  const server = await startSshServer(options);
  const close = async (): Promise<void> => {
    await server.close();
    cleanUp();
  };
  return await openShell({ alias: "inside", configFile: server.folder.configFile, close });
}
