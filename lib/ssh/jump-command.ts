// The command whose standard input and output are the way to a host behind others. Pure.

import type { Command } from "../shell/command.ts";
import type { ClientConfig } from "./client-config.ts";
import { ConfigurationError } from "./configuration-error.ts";

/** What the command takes from around it. */
export interface JumpContext {
  readonly configFile: string | undefined;
  /** The operator's own shell, which runs a ProxyCommand. */
  readonly shell: string;
}

/** The same that ssh itself builds for ProxyJump and ProxyCommand; undefined when the host is reached directly. */
export function jumpCommand(config: ClientConfig, context: JumpContext): Command | undefined {
  if (config.proxyJump !== undefined) return forwardingCommand(config, config.proxyJump, context);
  if (config.proxyCommand === undefined) return undefined;
  return [context.shell, "-c", `exec ${config.proxyCommand}`];
}

function forwardingCommand(config: ClientConfig, proxyJump: string, { configFile }: JumpContext): Command {
  const hops = proxyJump.split(",");
  const last = hops.pop() ?? "";
  const { user, host, port } = readHop(last);
  return [
    "ssh",
    ...["-T", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes", "-o", "ControlMaster=no"],
    ...(configFile === undefined ? [] : ["-F", configFile]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", port]),
    ...(hops.length === 0 ? [] : ["-J", hops.join(",")]),
    ...["-W", `[${config.hostname}]:${config.port}`, "--", host],
  ];
}

interface Hop {
  readonly user: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
}

function readHop(text: string): Hop {
  const match = /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]+\]|[^:@]+)(?::(\d+))?$/.exec(text);
  if (match?.[2] === undefined) throw new ConfigurationError(`ProxyJump ${text} cannot be read`);
  return { user: match[1], host: match[2].replace(/^\[|\]$/g, ""), port: match[3] };
}
