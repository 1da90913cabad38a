import type { Command } from "../../lib/shell/command.ts";

const environment = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "USER=root",
  "LC_ALL=C.UTF-8",
  "TERM=dumb",
];

/** The command that runs a command inside a host, given its PID 1: no ssh, and nothing of our environment. */
export function enterHost(init: number, command: Command): Command {
  return [
    ...(["nsenter", "--target", String(init), "--mount", "--uts", "--ipc", "--net", "--pid"] as const),
    ...["--", "env", "--ignore-environment", ...environment, ...command],
  ];
}
