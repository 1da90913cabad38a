// How the end that sends is started: on a host over ssh, or here. Pure.

import type { Host } from "../model/host.ts";
import type { Command } from "../shell/command.ts";
import { hostCommandLine } from "../shell/host-script.ts";

/** The commands that reach the sending end. */
export interface FarEnd {
  /** What rsync starts its sending end with; the destination and the sending rsync's own command follow. */
  readonly rsyncShell: Command;
  readonly destination: string;
  /** What rsync is called there; undefined for its own name. */
  readonly rsyncPath: string | undefined;
  /** Runs the script that it is given on standard input. */
  readonly scriptShell: Command;
}

/** Over ssh, given with its options but without the destination. */
export function sshFarEnd(host: Host, ssh: Command): FarEnd {
  const { destination, sudo } = host;
  return {
    rsyncShell: ssh,
    destination,
    rsyncPath: sudo === true ? "sudo -n rsync" : undefined,
    scriptShell: [...ssh, "--", destination, hostCommandLine(host)],
  };
}

/**
 * On this machine. rsync still has two ends, so that with sudo only the one that reads is root's, by the same rule as on
 * any host, and what arrives belongs to the operator.
 */
export function localFarEnd(host: Pick<Host, "sudo">): FarEnd {
  const program = host.sudo === true ? 'sudo -n "$@"' : '"$@"';
  return {
    // rsync puts the name of a host first.
    rsyncShell: ["sh", "-c", `shift; exec ${program}`, "sh"],
    destination: "localhost",
    rsyncPath: undefined,
    scriptShell: ["sh", "-c", hostCommandLine(host)],
  };
}
