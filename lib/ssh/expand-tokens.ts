// The tokens that `ssh -G` leaves as they were written. Pure.

import { ConfigurationError } from "./configuration-error.ts";

/** What the tokens of one destination stand for, in OpenSSH's letters: `h` the host name, `r` the remote user, … */
export type Tokens = Readonly<Record<string, string>>;

/** What a path in the client configuration may refer to. */
export interface ExpansionSources {
  readonly tokens: Tokens;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

/**
 * Expands `~`, `%h` and its like, and `${VARIABLE}`, as OpenSSH does for IdentityFile and IdentityAgent.
 * @throws ConfigurationError for a token or a variable that has no value here, as ssh itself refuses it.
 */
export function expandPath(text: string, sources: ExpansionSources): string {
  const named = expandTokens(text, sources.tokens).replaceAll(/\$\{(\w+)\}/g, (reference, name: string) => {
    const value = sources.environment[name];
    if (value === undefined) throw new ConfigurationError(`${text} refers to ${reference}, which is not set`);
    return value;
  });
  return expandHome(named, sources.homeDirectory);
}

/** Expands `%h` and its like only, as OpenSSH does for ProxyCommand. */
export function expandTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/%(.?)/g, (token, letter: string) => {
    if (letter === "%") return "%";
    const value = tokens[letter];
    if (value === undefined)
      throw new ConfigurationError(`${text} uses ${token}, which is not supported here`);
    return value;
  });
}

/** Expands a leading `~`. */
export function expandHome(path: string, homeDirectory: string): string {
  if (/^~[^/]/.test(path))
    throw new ConfigurationError(`${path} names another user's home, which is not supported here`);
  return path.replace(/^~/, homeDirectory);
}
