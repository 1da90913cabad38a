// Command lines → what was asked for. The only user of commander in lib/.

import { Command, CommanderError, Option } from "commander";
import type { SettingName } from "../config/setting-rules.ts";
import type { SettingTexts } from "../config/settings.ts";
import { commandLine } from "../report/command-line.ts";
import { exitCodeHelp, exitCodes, type ExitCode } from "./exit-codes.ts";
import { helpHint } from "./usage.ts";

/** One flag of a command. */
export interface Flag {
  /** As commander spells it: `--store <dir>`. */
  readonly flags: string;
  readonly meaning: string;
  /** The setting it gives a text to; flags without one come back in `extra`. */
  readonly setting?: SettingName;
  readonly isRepeatable?: boolean;
}

/** What a command accepts. */
export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly argument: { readonly name: string; readonly meaning: string };
  readonly flags: readonly Flag[];
  /** What follows the command. */
  readonly examples: readonly string[];
  /** Its exit codes, where they say something else than those of all commands. */
  readonly exitCodeHelp?: string;
}

/** A command line, read. */
export type Arguments =
  | {
      readonly kind: "run";
      readonly targets: readonly string[];
      readonly texts: SettingTexts;
      readonly extra: Readonly<Record<string, readonly string[]>>;
    }
  /** Help or version was shown, or the line could not be read: commander has said so already. */
  | { readonly kind: "end"; readonly exitCode: ExitCode };

/** Flags that every command has. */
export const commonFlags: readonly Flag[] = [
  { flags: "--store <dir>", meaning: "folder that holds the backups", setting: "store" },
  {
    flags: "--inventory <path>",
    meaning: "file or folder that names hosts and groups (default: hosts/inventory.yaml, if there is one)",
    setting: "inventory",
  },
  {
    flags: "--ssh-config <file>",
    meaning: "OpenSSH configuration instead of ~/.ssh/config",
    setting: "sshConfig",
  },
  { flags: "--uri <uri>", meaning: "libvirt connection URI on the hosts", setting: "uri" },
  { flags: "--sudo", meaning: "become root on the hosts with sudo -n (docs/sudo.md)", setting: "sudo" },
  { flags: "--quiet", meaning: "only warnings, errors and the summary", setting: "quiet" },
  { flags: "--verbose", meaning: "also each step and each command's trouble", setting: "verbose" },
  { flags: "--no-color", meaning: "no colors (also: NO_COLOR)" },
];

/** Reads a command line (without program and script). Unknown flags name the nearest known one. */
export function readArguments(shape: CommandShape, version: string, argv: readonly string[]): Arguments {
  const command = new Command(commandLine(shape.name))
    .description(shape.summary)
    .argument(`[${shape.argument.name}...]`, shape.argument.meaning)
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", `${examples(shape)}${shape.exitCodeHelp ?? exitCodeHelp}`)
    .showSuggestionAfterError(true)
    .showHelpAfterError(helpHint(shape.name))
    .exitOverride();
  const flags = [...shape.flags, ...commonFlags];
  for (const flag of flags) command.addOption(toOption(flag));
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  return { kind: "run", targets: command.args, ...sortOptions(flags, command) };
}

function toOption(flag: Flag): Option {
  const option = new Option(flag.flags, flag.meaning);
  return flag.isRepeatable === true
    ? option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
    : option;
}

function sortOptions(
  flags: readonly Flag[],
  command: Command,
): { readonly texts: SettingTexts; readonly extra: Readonly<Record<string, readonly string[]>> } {
  const texts: Partial<Record<SettingName, string>> = {};
  const extra: Record<string, readonly string[]> = {};
  for (const flag of flags) {
    const key = toOption(flag).attributeName();
    // commander gives --no-color a default of true; only what was typed counts.
    if (command.getOptionValueSource(key) !== "cli") continue;
    const value: unknown = command.getOptionValue(key);
    const all = (Array.isArray(value) ? value : [value]).map(String);
    const last = all.at(-1);
    if (flag.setting === undefined) extra[key] = all;
    else if (last !== undefined) texts[flag.setting] = last;
  }
  return { texts, extra };
}

function examples(shape: CommandShape): string {
  return `\nExamples:\n${shape.examples.map((line) => `  ${`${commandLine(shape.name)} ${line}`.trimEnd()}\n`).join("")}`;
}
