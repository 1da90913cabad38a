// Reads settings from the environment and from .env. The only reader of process.env and the only user of dotenv.

import { parse } from "dotenv";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BackupError } from "../model/failure.ts";
import { textsFromVariables, unknownVariables, type SettingTexts, type UnknownVariable } from "./settings.ts";

/**
 * The settings of the environment, then those of `.env` in `directory`; the first has precedence.
 * The file is parsed into an object of its own and never put into the environment.
 * @throws BackupError `usage` for a variable that is named as settings are and is none. The environment may hold other
 * programs' variables: there only one that is near to a setting's name is taken for a slip.
 */
export async function loadSettingTexts(directory: string): Promise<readonly SettingTexts[]> {
  const file = parse(await readOptional(join(directory, ".env")));
  refuseUnknown(
    "The environment has",
    unknownVariables(process.env).filter(({ meant }) => meant !== undefined),
  );
  refuseUnknown(`${join(directory, ".env")} has`, unknownVariables(file));
  return [textsFromVariables(process.env), textsFromVariables(file)];
}

function refuseUnknown(where: string, unknown: readonly UnknownVariable[]): void {
  if (unknown.length === 0) return;
  const named = unknown.map(({ name, meant }) =>
    meant === undefined ? name : `${name} (do you mean ${meant}?)`,
  );
  throw new BackupError({
    kind: "usage",
    detail: `${where} what is no setting: ${named.slice(0, 8).join(", ")}${named.length > 8 ? ` and ${named.length - 8} more` : ""}`,
    hint: "All settings are in .env.example",
  });
}

/** The settings that the text of a `.env` gives. */
export function parseEnvText(text: string): SettingTexts {
  return textsFromVariables(parse(text));
}

/** The environment, for the parts that get it as a parameter and for programs that are started. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}

/** Whether NO_COLOR asks for text without colors (no-color.org: when it is set and not empty). */
export function isColorOff(): boolean {
  return (process.env["NO_COLOR"] ?? "") !== "";
}

/** Whether the terminal can do nothing but show one line after the other. */
export function isTerminalDumb(): boolean {
  return process.env["TERM"] === "dumb";
}

async function readOptional(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
