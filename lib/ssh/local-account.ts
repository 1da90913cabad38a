// What the OpenSSH client knows about us and itself when nothing is configured. Pure.

import { readSettings } from "./ssh-settings.ts";

/** The account that runs this, as ssh sees it. */
export interface LocalAccount {
  readonly userName: string;
  readonly homeDirectory: string;
  /** What this client would offer, best first. */
  readonly kexAlgorithms: string;
  readonly ciphers: string;
  readonly macs: string;
}

const defaultKnownHosts = /^(.*)\/\.ssh\/known_hosts( |$)/;

/**
 * Reads what `ssh -G -F none` printed. ssh asks the system's user database; the runtimes do not agree on whether
 * to ask that or the environment.
 * @returns undefined when it is not what every OpenSSH prints.
 */
export function readLocalAccount(text: string): LocalAccount | undefined {
  const settings = readSettings(text);
  const userName = settings.get("user")?.[0];
  const homeDirectory = defaultKnownHosts.exec(settings.get("userknownhostsfile")?.[0] ?? "")?.[1];
  if (userName === undefined || homeDirectory === undefined) return undefined;
  const one = (key: string): string => settings.get(key)?.[0] ?? "";
  const algorithms = { kexAlgorithms: one("kexalgorithms"), ciphers: one("ciphers"), macs: one("macs") };
  return { userName, homeDirectory, ...algorithms };
}
