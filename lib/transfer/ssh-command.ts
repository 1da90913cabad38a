// How the OpenSSH client is called for disk data. Pure.

import type { Host } from "../model/host.ts";
import type { Command } from "../shell/command.ts";
import { sshSelection } from "../ssh/ask-client-config.ts";

/** What decides over the command besides the host. */
export interface SshCommandOptions {
  readonly configFile: string | undefined;
  /** The socket over which all transfers from this host share one connection. */
  readonly controlPath: string;
  readonly connectTimeoutSeconds: number;
  /** Whether the key of a host that nobody knows is accepted. One that has changed never is, whatever is configured. */
  readonly acceptsNewHostKeys: boolean;
  /** The ciphers to ask for, best first; undefined leaves it to the configuration. */
  readonly ciphers: string | undefined;
}

/** Measured: AES-GCM takes half the time of OpenSSH's own first choice. */
const fastCiphers = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"];

/** `ssh` with every option for a transfer, but without the destination. */
export function sshCommand(host: Host, options: SshCommandOptions): Command {
  const settings = [
    "BatchMode=yes",
    `ConnectTimeout=${options.connectTimeoutSeconds}`,
    `StrictHostKeyChecking=${options.acceptsNewHostKeys ? "accept-new" : "yes"}`,
    // A peer that is dead is noticed after five of these, within a minute.
    "ServerAliveInterval=10",
    "ServerAliveCountMax=4",
    "ControlMaster=auto",
    `ControlPath=${options.controlPath}`,
    // Should this process be killed, the shared connection ends by itself.
    "ControlPersist=60",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "LogLevel=ERROR",
    ...(options.ciphers === undefined ? [] : [`Ciphers=${options.ciphers}`]),
  ];
  const flags = settings.flatMap((setting) => ["-o", setting]);
  return ["ssh", ...sshSelection(host, options.configFile), "-T", ...flags];
}

/**
 * The ciphers to ask for, given what this client would use for the host and what it uses when nothing is
 * configured. Undefined when somebody has chosen: the operator, or the system's policy.
 */
export function preferFastCiphers(configured: string, unconfigured: string): string | undefined {
  if (configured !== unconfigured) return undefined;
  const all = configured.split(",");
  const fast = fastCiphers.filter((cipher) => all.includes(cipher));
  if (fast.length === 0) return undefined;
  return [...fast, ...all.filter((cipher) => !fast.includes(cipher))].join(",");
}
