// A folder with everything a client needs to log in somewhere: keys, known_hosts, ssh_config.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SshFolder {
  readonly path: string;
  /** For `ssh -F`. */
  readonly configFile: string;
  readonly knownHosts: string;
  /** Paths of private keys; `.pub` stands beside them. */
  readonly hostKey: string;
  readonly userKey: string;
  /** Appends a `Host` block for a server of this folder. */
  addHost(
    alias: string,
    port: number,
    lines?: readonly string[],
    options?: { readonly withKey: boolean },
  ): void;
  remove(): void;
}

/** Makes the folder. Its server is known by its host key, its user logs in with its user key. */
export function makeSshFolder(): SshFolder {
  // No spaces: ssh does not quote the path of its configuration when it starts itself for a hop.
  const path = mkdtempSync(join(tmpdir(), "vf-ssh-"));
  const [hostKey, userKey] = [join(path, "host_key"), join(path, "user key")];
  makeKey(hostKey);
  makeKey(userKey);
  const [configFile, knownHosts] = [join(path, "ssh_config"), join(path, "known_hosts")];
  writeFileSync(configFile, "");
  writeFileSync(knownHosts, "");
  return {
    ...{ path, configFile, knownHosts, hostKey, userKey },
    addHost(alias, port, lines = [], { withKey } = { withKey: true }) {
      const block = [
        `Host ${alias}`,
        "HostName 127.0.0.1",
        `Port ${port}`,
        ...lines,
        ...(withKey ? [`IdentityFile "${userKey}"`] : []),
        "IdentityAgent none",
        `UserKnownHostsFile "${knownHosts}"`,
        "GlobalKnownHostsFile none",
        "StrictHostKeyChecking yes",
      ];
      appendFileSync(configFile, `${block.join("\n  ")}\n`);
      appendFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKeyOf(hostKey)}\n`);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Makes a key pair. */
export function makeKey(path: string, options: readonly string[] = ["-t", "ed25519"]): void {
  execFileSync("ssh-keygen", ["-q", ...options, "-N", "", "-C", "", "-f", path]);
}

/** `type base64`, as known_hosts and authorized_keys want it. */
export function publicKeyOf(path: string): string {
  return readFileSync(`${path}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
