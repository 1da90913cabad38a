// What `virtfold init` has found → the texts of its files, read back before anybody relies on them.

import { envLine, envText } from "../config/env-text.ts";
import { inventoryText } from "../config/inventory-text.ts";
import { parseEnvText } from "../config/load.ts";
import { readInventory } from "../config/read-inventory.ts";
import { settingNames } from "../config/setting-rules.ts";
import type { SettingTexts } from "../config/settings.ts";
import { BackupError } from "../model/failure.ts";
import { hostNotes } from "../report/init-notes.ts";
import type { FoundHosts } from "./ask-hosts.ts";
import type { InitRequest } from "./init-request.ts";
import { usage } from "./usage.ts";

/** The texts of both files. */
export interface InitDrafts {
  readonly inventory: string;
  /** Undefined when the `.env` that is there says all of it. */
  readonly env: string | undefined;
}

/** The texts for a store. @throws BackupError `usage` when they cannot be written as they have to be. */
export function initDrafts(request: InitRequest, found: FoundHosts, store: string): InitDrafts {
  return { inventory: draftInventory(request, found), env: draftEnv(request, store) };
}

function draftInventory({ files, sources }: InitRequest, { hosts, plan }: FoundHosts): string {
  const { uri, sudo } = sources[0] ?? {};
  const text = inventoryText({
    schema: files.schema,
    remarks: [
      "",
      "The hosts whose VMs are backed up: all VMs of each, those that come later too, unless it says otherwise here.",
      "Where the backups go stands in .env. All keys: docs/inventory.md",
    ],
    defaults: { ...(uri === undefined ? {} : { uri }), ...(sudo === "true" ? { sudo: true } : {}) },
    hosts: hosts.map((host) => ({ ...host, ...hostNotes(plan, host.name) })),
  });
  const reading = readInventory(text, files.inventory);
  if ("problems" in reading) throw new BackupError({ kind: "inventory-bad", problems: reading.problems });
  return text;
}

/** The text of `.env` for a store, or undefined likewise. @throws BackupError `usage` likewise. */
export function draftEnv(
  { files, sources, sshConfig, isDryRun }: InitRequest,
  store: string,
): string | undefined {
  const wanted: SettingTexts = {
    store,
    ...(sshConfig === undefined ? {} : { sshConfig }),
    // Who names another file beside settings of their own will name it again.
    ...(files.isUsual || files.hasEnv ? {} : { inventory: files.inventoryPath }),
  };
  const text = envText(wanted);
  const read = parseEnvText(text);
  const names = settingNames.filter((name) => wanted[name] !== undefined);
  const strange = names.find((name) => read[name] !== wanted[name]);
  if (strange !== undefined)
    throw usage(
      "init",
      `.env cannot hold ${JSON.stringify(wanted[strange])}: choose a path without quotes and line ends`,
    );
  if (!files.hasEnv || isDryRun) return text;
  const said = sources.at(-1) ?? {};
  const missing = names.filter((name) => said[name] !== wanted[name]);
  if (missing.length === 0) return undefined;
  const lines = missing.map((name) => envLine(name, wanted[name] ?? "")).join(" and ");
  throw usage(
    "init",
    `.env is there already, and is never overwritten: put ${lines} into it and run the command again`,
  );
}
