// Asks the OpenSSH client how it would reach a host: aliases, Include, Match, hops, everything it knows.

import { hostname } from "node:os";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import { runLocal } from "../shell/run-local.ts";
import { readClientConfig } from "./client-config.ts";
import type { ClientConfig, LocalIdentity } from "./client-config.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { readLocalAccount } from "./local-account.ts";
import type { LocalAccount } from "./local-account.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the client configuration comes from. */
export interface ConfigSources {
  /** The file for `ssh -F`; without it, the user's and the system's own. */
  readonly configFile?: string | undefined;
  readonly environment: Environment;
}

/** What of a host `ssh` is told by options. */
export type SshReach = Pick<Host, "port" | "address" | "user" | "jump" | "identityFile">;

/** What every `ssh` command for a host begins with: the same for asking, for hops and for transfers. */
export function sshSelection(host: SshReach, configFile: string | undefined): readonly string[] {
  const { port, address, user, jump, identityFile } = host;
  return [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    // A zone of an IPv6 address begins with a percent sign, as tokens do.
    ...(address === undefined ? [] : ["-o", `HostName=${address.replaceAll("%", "%%")}`]),
    ...(jump === undefined ? [] : ["-J", jump]),
    // A file that is not there `-i` would pass over in silence.
    ...(identityFile === undefined ? [] : ["-o", `IdentityFile="${identityFile}"`]),
  ];
}

/** How `ssh` would reach a host, and what it would do had nobody configured anything. */
export interface ClientConfigAnswer {
  readonly config: ClientConfig;
  readonly account: LocalAccount;
}

/**
 * The client configuration for a host.
 * @throws BackupError `ssh-configuration`, `tool-missing`.
 */
export async function askClientConfig(host: Host, sources: ConfigSources): Promise<ClientConfigAnswer> {
  const { configFile, environment } = sources;
  const [text, unconfigured] = await Promise.all([
    ask(host, [...sshSelection(host, configFile), "--", host.destination], environment),
    ask(host, ["-F", "none", "--", "localhost"], environment),
  ]);
  const account = readLocalAccount(unconfigured);
  if (account === undefined) throw configurationFailed(host, "ssh -G does not answer as OpenSSH does");
  const userId = process.getuid?.() ?? 0;
  const local: LocalIdentity = { ...account, userId, hostName: hostname(), environment };
  try {
    return { config: readClientConfig(text, host.destination, local), account };
  } catch (error) {
    if (error instanceof ConfigurationError) throw configurationFailed(host, error.message, error);
    throw error;
  }
}

async function ask(host: Host, args: readonly string[], environment: Environment): Promise<string> {
  // Generous: `Match exec` runs whatever the operator put there.
  const result = await runLocal(["ssh", "-G", "-T", ...args], { deadlineSeconds: 60, environment });
  if (result.code === 127)
    throw new BackupError({ kind: "tool-missing", where: "this machine", tool: "ssh" });
  if (result.code !== 0) throw configurationFailed(host, result.stderr.trim());
  return result.stdout;
}

function configurationFailed(host: Host, detail: string, cause?: unknown): BackupError {
  return new BackupError({ kind: "ssh-configuration", host: host.name, detail }, { cause });
}
