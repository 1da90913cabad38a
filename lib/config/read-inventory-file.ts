// One inventory file, of whatever kind → what it says. Runs scripts, and Ansible where it is installed.

import { constants } from "node:fs";
import { access, open, readdir, readFile, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import type { InventoryProblem, InventoryTrouble } from "../model/inventory-problem.ts";
import { runLocal } from "../shell/run-local.ts";
import { ansibleInventory } from "./ansible-inventory.ts";
import { readAnsibleIni } from "./ansible-ini.ts";
import { readAnsibleJson } from "./ansible-json.ts";
import { isAnsibleYaml, readAnsibleYaml } from "./ansible-yaml.ts";
import { inventoryFormat } from "./inventory-format.ts";
import type { InventoryReading } from "./inventory.ts";
import { inventoryOf } from "./read-inventory.ts";
import { readYaml, yamlLimits } from "./yaml-document.ts";

/** A file that is read as an inventory. */
export interface InventoryFile {
  readonly path: string;
  /** As errors call it: what the operator wrote. */
  readonly name: string;
}

const scriptSeconds = 60;
const mostAnswerBytes = 16 * 1024 * 1024;

/** Reads one file. `searchPath` is PATH, to find `ansible-inventory` on: where it is, it reads what is Ansible's. */
export async function readInventoryFile(
  { path, name }: InventoryFile,
  searchPath: string | undefined,
): Promise<InventoryReading> {
  try {
    const look = {
      name: basename(path),
      isExecutable: await isExecutable(path),
      text: await beginning(path),
    };
    const format = inventoryFormat(look);
    // What has a comma Ansible takes for names of hosts.
    const isForAnsible = !path.includes(",") && (await hasAnsible(searchPath));
    if (format === "script") return await readScript({ path, name }, { isForAnsible });
    if ((await stat(path)).size > yamlLimits.bytes)
      return problem(name, { kind: "too-much", what: "bytes", limit: yamlLimits.bytes });
    const text = await readFile(path, "utf8");
    if (format === "yaml") {
      const document = readYaml(text, name);
      if (!("lineOf" in document)) return document;
      if (!isAnsibleYaml(document.value)) return inventoryOf(document, name);
      if (!isForAnsible) return (await unreadBeside(path, name)) ?? readPythonYaml(text, name);
    } else if (!isForAnsible) {
      return (await unreadBeside(path, name)) ?? ansibleInventory(readAnsibleIni(text, name), name);
    }
    return await readProgram(askAnsible(path), name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return unreadable(name, whyNot(error as NodeJS.ErrnoException));
  }
}

/** Variables beside a script are Ansible's affair; without any it is asked as it is, and its own words are heard. */
async function readScript(
  { path, name }: InventoryFile,
  { isForAnsible }: { readonly isForAnsible: boolean },
): Promise<InventoryReading> {
  const unread = await unreadBeside(path, name);
  if (unread === undefined) return await readProgram([path, "--list"], name);
  return isForAnsible ? await readProgram(askAnsible(path), name) : unread;
}

function readPythonYaml(text: string, name: string): InventoryReading {
  const document = readYaml(text, name, { isPython: true });
  return "lineOf" in document ? ansibleInventory(readAnsibleYaml(document, name), name) : document;
}

/** What Ansible would read as well, and this program does not: said, because hosts would be reached in other ways without it. */
async function unreadBeside(path: string, name: string): Promise<InventoryReading | undefined> {
  for (const folder of ["group_vars", "host_vars"]) {
    const files = await readdir(join(dirname(path), folder)).catch(() => []);
    if (files.some((file) => !file.startsWith(".")))
      return unreadable(
        name,
        `there are variables in ${folder}/ beside it, which only Ansible reads: install ansible-core on this machine, or give a copy of the inventory in a folder of its own`,
      );
  }
  return undefined;
}

function askAnsible(path: string): readonly [string, ...string[]] {
  return ["ansible-inventory", "-i", path, "--list"];
}

/** Ansible 2.14 refuses to run in a locale that is not UTF-8, and on a timer there is often none. */
const ansibleLocale = { LC_ALL: "C.UTF-8" } as const;

/** What a program says of an inventory. Ansible would otherwise answer a file that it cannot read with nothing. */
async function readProgram(command: readonly [string, ...string[]], name: string): Promise<InventoryReading> {
  const { code, stdout, stderr, endedBy } = await runLocal(command, {
    deadlineSeconds: scriptSeconds,
    maximumBytes: mostAnswerBytes,
    environment: { ...ansibleLocale, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: "1", ANSIBLE_NOCOLOR: "1" },
  });
  const [program] = command;
  if (endedBy === "deadline") return unreadable(name, `${program} did not answer within ${scriptSeconds} s`);
  if (endedBy === "size") return unreadable(name, `${program} answered more than ${mostAnswerBytes} bytes`);
  const lastWords = stderr.trim().split("\n").at(-1) ?? "";
  if (code !== 0) return unreadable(name, `${program} ended with ${code ?? "a signal"}: ${lastWords}`);
  return ansibleInventory(readAnsibleJson(stdout, name), name);
}

async function hasAnsible(searchPath: string | undefined): Promise<boolean> {
  for (const folder of (searchPath ?? "").split(delimiter)) {
    if (folder !== "" && (await isExecutable(join(folder, "ansible-inventory")))) return true;
  }
  return false;
}

/** Whether we may run the file. */
export async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Enough to see what a file is; a program may be large. */
async function beginning(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Why the file system did not give what was asked of it. */
export function whyNot({ code, message }: NodeJS.ErrnoException): string {
  return code === "ENOENT" ? "there is no such file" : message;
}

function problem(
  file: string,
  trouble: InventoryTrouble,
): { readonly problems: readonly [InventoryProblem] } {
  return { problems: [{ file, line: undefined, trouble }] };
}

/** A file of which only that can be said. */
export function unreadable(file: string, detail: string): { readonly problems: readonly [InventoryProblem] } {
  return problem(file, { kind: "unreadable", detail });
}
