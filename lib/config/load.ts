// Reads settings from the environment and from .env. The only reader of process.env and the only user of dotenv.

import { parse } from "dotenv";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { textsFromVariables, type SettingTexts } from "./settings.ts";

/**
 * The settings of the environment, then those of `.env` in `directory`; the first has precedence.
 * The file is parsed into an object of its own and never put into the environment.
 */
export async function loadSettingTexts(directory: string): Promise<readonly SettingTexts[]> {
  return [
    textsFromVariables(process.env),
    textsFromVariables(parse(await readOptional(join(directory, ".env")))),
  ];
}

/** The environment, for the parts that get it as a parameter and for programs that are started. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}

/** Whether NO_COLOR asks for text without colors (no-color.org: when it is set and not empty). */
export function isColorOff(): boolean {
  return (process.env["NO_COLOR"] ?? "") !== "";
}

async function readOptional(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
