// A target as people write it → the host and, when one is named, the VM.

import type { Host } from "../model/host.ts";

/** What to back up: every VM of a host, or one. */
export interface Target {
  readonly host: Host;
  readonly vm: string | undefined;
}

/**
 * Reads `HOST`, `HOST/VM`, `user@host:port` or `user@host:port/VM`; undefined when the text is none of these.
 * A host may not begin with `-`: OpenSSH would take it for an option.
 */
export function parseTarget(text: string, { uri }: Pick<Host, "uri">): Target | undefined {
  const [, destination, port, vm] =
    /^((?:[^@/\s]+@)?(?:\[[0-9A-Za-z:.%_-]+\]|[^@/:\s[\]]+))(?::(\d{1,5}))?(?:\/(.+))?$/s.exec(text) ?? [];
  if (destination === undefined || destination.startsWith("-") || destination.includes("@-"))
    return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) return undefined;
  const name = destination.replace(/^[^@]+@/, "").replace(/^\[(.*)\]$/, "$1");
  const host: Host = {
    name: port === undefined ? name : `${name}:${Number(port)}`,
    // ssh takes an IPv6 address without its brackets.
    destination: destination.replace(/\[(.*)\]$/, "$1"),
    uri,
    ...(port === undefined ? {} : { port: Number(port) }),
  };
  return { host, vm };
}

/** A host as a target that reads as the same host. */
export function formatHost({ destination, port }: Pick<Host, "destination" | "port">): string {
  const [, user = "", address = ""] = /^([^@]+@)?(.*)$/s.exec(destination) ?? [];
  const spelled = address.includes(":") ? `[${address}]` : address;
  return `${user}${spelled}${port === undefined ? "" : `:${port}`}`;
}
