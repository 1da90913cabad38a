// What stands where Ansible expects a host: `host:2222`, `[fd00::1]:22`, `web[01:50]` → names and a port. Pure.

import { expandRange } from "./expand-range.ts";

/** The names that a pattern stands for, and the port that it gives them. */
export interface HostPattern {
  readonly names: readonly string[];
  readonly port: number | undefined;
}

/** Reads a pattern; undefined when its ranges cannot be read, or stand for too many hosts. */
export function readHostPattern(pattern: string): HostPattern | undefined {
  const { hosts, port } = splitPort(pattern);
  const names = expandRange(hosts);
  return names === undefined ? undefined : { names, port: port === undefined ? undefined : Number(port) };
}

/** An IPv6 address without brackets has no port, and a range's colon is none. */
function splitPort(pattern: string): { readonly hosts: string; readonly port: string | undefined } {
  const [, address, bracketPort] =
    /^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\](?::(\d+))?$/.exec(pattern) ?? [];
  if (address !== undefined && !/^\d*:\d+:\d+$/.test(address)) return { hosts: address, port: bracketPort };
  const [, hosts, port] = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(pattern) ?? [];
  return { hosts: hosts ?? pattern, port };
}
