// The command lines of the scripts that work on this project itself: --help, and one sentence about a mistake. Pure.

import { parseArgs } from "node:util";

/** What a script accepts. */
export interface ScriptShape {
  /** All of the help. */
  readonly help: string;
  /** Flags with a value, and how the value is named. */
  readonly flags: Readonly<Record<string, string>>;
}

/** A command line, read: values by flag, each as often as it was given; or what to say, and to end with. */
export type ScriptCommandLine =
  { readonly kind: "run"; readonly values: Readonly<Record<string, readonly string[]>> } | ScriptEnd;

/** That nothing is started: help was asked for (0), or the command line has a mistake (2). */
export interface ScriptEnd {
  readonly kind: "end";
  readonly exitCode: 0 | 2;
  readonly text: string;
}

/** Reads a command line (without program and script). */
export function readCommandLine(argv: readonly string[], { help, flags }: ScriptShape): ScriptCommandLine {
  const options = Object.fromEntries(
    Object.keys(flags).map((name) => [name, { type: "string", multiple: true } as const]),
  );
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: "boolean", short: "h" } },
    });
    const { help: isHelp, ...rest } = values;
    if (isHelp === true) return { kind: "end", exitCode: 0, text: help };
    return { kind: "run", values: rest };
  } catch (error) {
    if (!isMistake(error)) throw error;
    const known = [...Object.entries(flags).map((flag) => `--${flag.join(" ")}`), "--help"];
    return mistake(`${firstSentence(error.message)}: there is ${known.join(", ")}`);
  }
}

/** The end of a script whose command line cannot be carried out. */
export function mistake(text: string): ScriptEnd {
  return { kind: "end", exitCode: 2, text };
}

function isMistake(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** What comes after it guesses at what was meant. */
function firstSentence(message: string): string {
  return message.split(/\.?(?:\n|$)|\. (?=[A-Z])/, 1)[0] ?? message;
}
