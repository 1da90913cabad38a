// `virtfold <command>`: all commands under one name, as they are installed.

import { nearestName } from "../config/nearest-name.ts";
import { toolName, toolVersion } from "../config/tool.ts";
import { quoted } from "../report/wording.ts";
import type { CommandShape } from "./arguments.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import type { CliCommand } from "./run-command.ts";

interface NamedCommand {
  readonly shape: () => Promise<CommandShape>;
  readonly command: () => Promise<CliCommand>;
}

/**
 * Each command, loaded when it is asked for: who lists a store does not wait for an SSH client. In the order in which
 * a new user meets them.
 */
export const commands: Readonly<Record<string, NamedCommand>> = {
  init: {
    shape: async () => (await import("./init-request.ts")).initShape,
    command: async () => (await import("./init-command.ts")).initCommand,
  },
  doctor: {
    shape: async () => (await import("./doctor-request.ts")).doctorShape,
    command: async () => (await import("./doctor-command.ts")).doctorCommand,
  },
  plan: {
    shape: async () => (await import("./plan-request.ts")).planShape,
    command: async () => (await import("./plan-command.ts")).planCommand,
  },
  backup: {
    shape: async () => (await import("./backup-request.ts")).backupShape,
    command: async () => (await import("./backup-command.ts")).backupCommand,
  },
  list: {
    shape: async () => (await import("./list-command.ts")).listShape,
    command: async () => (await import("./list-command.ts")).listCommand,
  },
  verify: {
    shape: async () => (await import("./verify-request.ts")).verifyShape,
    command: async () => (await import("./verify-command.ts")).verifyCommand,
  },
  restore: {
    shape: async () => (await import("./restore-request.ts")).restoreShape,
    command: async () => (await import("./restore-command.ts")).restoreCommand,
  },
  drill: {
    shape: async () => (await import("./drill-request.ts")).drillShape,
    command: async () => (await import("./drill-command.ts")).drillCommand,
  },
  prune: {
    shape: async () => (await import("./prune-command.ts")).pruneShape,
    command: async () => (await import("./prune-command.ts")).pruneCommand,
  },
  recover: {
    shape: async () => (await import("./recover-request.ts")).recoverShape,
    command: async () => (await import("./recover-command.ts")).recoverCommand,
  },
};

const helpWords = ["--help", "-h", "help"];

/** Runs the command that the first argument names on the others. */
export async function virtfoldCommand(argv: readonly string[]): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === "--version") {
    console.log(toolVersion);
    return exitCodes.ok;
  }
  if (name !== undefined && helpWords.includes(name)) {
    const [about] = rest;
    if (about === undefined) {
      console.log(await overview());
      return exitCodes.ok;
    }
    return await virtfoldCommand([about, "--help"]);
  }
  const named = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (named === undefined) {
    console.error(name === undefined ? await overview() : unknownCommand(name));
    return exitCodes.usage;
  }
  const command = await named.command();
  return await command(rest);
}

function unknownCommand(name: string): string {
  const known = Object.keys(commands);
  const near = nearestName(name, known);
  const meant = near === undefined ? "" : ` Did you mean ${quoted(near)}?`;
  return `ERROR: ${toolName} has no command ${quoted(name)}.${meant} For all commands run: ${toolName} --help`;
}

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map(async ({ shape }) => await shape()));
  const width = Math.max(...all.map(({ name }) => name.length));
  return [
    `Usage: ${toolName} <command> [options] [target...]`,
    "",
    "Crash-safe backups of running KVM/libvirt virtual machines, across a fleet of hypervisors, over SSH.",
    "",
    "Commands:",
    ...all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${inShort(summary)}`),
    "",
    `What a command takes, with examples and exit codes: ${toolName} <command> --help`,
  ].join("\n");
}

/** As far as its first colon, full stop or bracket. */
function inShort(summary: string): string {
  return summary.replace(/(?:[.:]\s|\.$| \()[^]*$/, "");
}
