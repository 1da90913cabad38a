// Variables of Ansible → what our own inventory would say of the host. Pure.

import type { AnsibleVariables } from "./ansible-data.ts";

/** A host's entry as it would stand in our own format, unchecked, and the line that each of its keys comes from. */
export interface AnsibleEntry {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly lines: ReadonlyMap<string, number | undefined>;
  /** How the host is reached when that is neither ssh nor local, such as winrm: it may be there, and not be backed up. */
  readonly otherConnection: string | undefined;
}

/** Our key for each variable that says how a host is reached, the newer spelling first. */
const meanings: Readonly<Record<string, readonly string[]>> = {
  address: ["ansible_host", "ansible_ssh_host"],
  port: ["ansible_port", "ansible_ssh_port"],
  user: ["ansible_user", "ansible_ssh_user"],
  identity_file: ["ansible_ssh_private_key_file", "ansible_private_key_file"],
  sudo: ["ansible_become"],
  connection: ["ansible_connection"],
};

/** Keys of ours that a variable `virtfold_<key>` sets. */
const ownPrefix = "virtfold_";

/** What the variables say that matters here; all others are Ansible's own affair. */
export function ansibleEntry(variables: AnsibleVariables): AnsibleEntry {
  const entry: Record<string, unknown> = {};
  const lines = new Map<string, number | undefined>();
  const set = (key: string, value: unknown, line: number | undefined): void => {
    entry[key] = value;
    lines.set(key, line);
  };
  for (const [key, names] of Object.entries(meanings)) {
    const name = names.find((one) => variables.has(one));
    const variable = name === undefined ? undefined : variables.get(name);
    if (variable !== undefined && variable.value !== null)
      set(key, converters[key]?.(variable.value) ?? variable.value, variable.line);
  }
  for (const name of ["ansible_ssh_common_args", "ansible_ssh_extra_args"]) {
    const { value, line } = variables.get(name) ?? {};
    const jump = typeof value === "string" ? jumpIn(value) : undefined;
    if (jump !== undefined) set("jump", jump, line);
  }
  for (const [name, { value, line }] of variables) {
    const key = name.slice(ownPrefix.length);
    if (name.startsWith(ownPrefix)) set(key, (ownConverters[key] ?? plain)(value), line);
  }
  const { connection, ...rest } = entry;
  const isOther = typeof connection === "string" && !["ssh", "local"].includes(connection);
  return { entry: isOther ? rest : entry, lines, otherConnection: isOther ? connection : undefined };
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

function truth(value: unknown): unknown {
  return typeof value === "string"
    ? truths[value.toLowerCase()]
    : value === 1 || value === 0
      ? value === 1
      : value;
}

/** What a text stands for: variables of groups in INI files are texts only. */
function plain(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return /^-?\d{1,9}$/.test(value) ? Number(value) : (truths[value.toLowerCase()] ?? value);
}

const ownConverters: Readonly<Record<string, (value: unknown) => unknown>> = {
  overlay_budget: (value) => (typeof value === "number" ? String(value) : value),
  tags: (value) => (typeof value === "string" ? value.split(/\s*,\s*/) : value),
};

const converters: Readonly<Record<string, (value: unknown) => unknown>> = {
  port: plain,
  user: (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
  sudo: truth,
  connection: (value) => {
    const name = String(value).replace(/^(?:ansible\.(?:builtin|netcommon)|community\.\w+)\./, "");
    return ["ssh", "smart", "paramiko", "paramiko_ssh"].includes(name) ? "ssh" : name;
  },
};

/** The way through other hosts in options for ssh; every other option is for ~/.ssh/config to say. */
function jumpIn(options: string): string | undefined {
  return /(?:^|\s)(?:-J\s*|-o\s*["']?ProxyJump[= ])([^\s"']+)/i.exec(options)?.[1];
}
