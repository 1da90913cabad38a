// The known_hosts files, read by OpenSSH's own ssh-keygen: it knows hashed names, wildcards, ports and markers.

import { createHmac, randomBytes } from "node:crypto";
import { access, appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { runLocal } from "../shell/run-local.ts";
import type { ClientConfig } from "./client-config.ts";
import { ConfigurationError } from "./configuration-error.ts";

/** One line of a known_hosts file that is about a host. */
export interface KnownHostEntry {
  readonly marker: "" | "@cert-authority" | "@revoked";
  /** The key's type, such as `ssh-ed25519`. */
  readonly type: string;
  /** The key itself, in base64. */
  readonly key: string;
  readonly file: string;
  /**
   * Whether it is about the address without our port. Then it may vouch for a key, but says nothing against another:
   * behind one address there may be several machines, each with its own port.
   */
  readonly isWithoutPort: boolean;
}

/** The host as known_hosts files name it. */
export function knownHostName(config: ClientConfig): string {
  if (config.hostKeyAlias !== undefined) return config.hostKeyAlias;
  return config.port === 22 ? config.hostname : `[${config.hostname}]:${config.port}`;
}

/** Every entry for a host. Like OpenSSH, falls back to the name without the port when nothing is known of the one with it. */
export async function findKnownHosts(config: ClientConfig): Promise<readonly KnownHostEntry[]> {
  const files = [...config.userKnownHostsFiles, ...config.globalKnownHostsFiles];
  const name = knownHostName(config);
  const found = await findInFiles(name, files);
  if (found.some(({ marker }) => marker === "") || name === config.hostname) return found;
  if (config.hostKeyAlias !== undefined) return found;
  const others = await findInFiles(config.hostname, files);
  return [...found, ...others.map((entry) => ({ ...entry, isWithoutPort: true }))];
}

/** Adds a host's key to the user's first known_hosts file, hashed where OpenSSH is told to hash. */
export async function addKnownHost(config: ClientConfig, key: { type: string; key: string }): Promise<void> {
  const [file] = config.userKnownHostsFiles;
  if (file === undefined) return;
  const name = config.hashKnownHosts ? hashed(knownHostName(config)) : knownHostName(config);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(file, `${name} ${key.type} ${key.key}\n`, { mode: 0o600 });
}

async function findInFiles(name: string, files: readonly string[]): Promise<readonly KnownHostEntry[]> {
  return (await Promise.all(files.map((file) => findInFile(name, file)))).flat();
}

async function findInFile(name: string, file: string): Promise<readonly KnownHostEntry[]> {
  if (!(await canRead(file))) return [];
  const { code, stdout, stderr } = await runLocal(["ssh-keygen", "-F", name, "-f", file], {
    deadlineSeconds: 60,
  });
  if (code === 1 && stderr.trim() === "") return [];
  if (code !== 0) throw new ConfigurationError(`ssh-keygen -F cannot read ${file}: ${stderr.trim()}`);
  const lines = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.flatMap((line) => readEntry(line, file));
}

function readEntry(line: string, file: string): readonly KnownHostEntry[] {
  const fields = line.trim().split(/\s+/);
  const [marker, , type, key] = fields[0]?.startsWith("@") === true ? fields : ["", ...fields];
  if (type === undefined || key === undefined) return [];
  if (marker !== "" && marker !== "@cert-authority" && marker !== "@revoked") return [];
  return [{ marker, type, key, file, isWithoutPort: false }];
}

async function canRead(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name.toLowerCase()).digest("base64")}`;
}
