// What OpenSSH's own configuration says about one destination, in types. Pure; ask-client-config.ts asks ssh.

import { ConfigurationError } from "./configuration-error.ts";
import { expandHome, expandPath, expandTokens } from "./expand-tokens.ts";
import type { ExpansionSources, Tokens } from "./expand-tokens.ts";
import { readSettings } from "./ssh-settings.ts";
import type { SshSettings } from "./ssh-settings.ts";

/** How `ssh` would reach a destination. */
export interface ClientConfig {
  /** As the operator wrote it. */
  readonly destination: string;
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly proxyJump: string | undefined;
  readonly proxyCommand: string | undefined;
  readonly hostKeyAlias: string | undefined;
  /** Whether the key of a host nobody knows yet is accepted. `ask` counts as no: nobody is there to answer. */
  readonly acceptsNewHostKeys: boolean;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hashKnownHosts: boolean;
  readonly hostKeyAlgorithms: readonly string[];
  readonly identityFiles: readonly IdentityFile[];
  /** Of the operator, besides those that lie beside the keys. */
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** The agent's socket, if one shall be asked. */
  readonly identityAgent: string | undefined;
  readonly connectTimeoutSeconds: number;
  readonly addressFamily: "any" | "inet" | "inet6";
  readonly bindAddress: string | undefined;
  readonly kexAlgorithms: string;
  readonly ciphers: string;
  readonly macs: string;
}

/** A private key's path. ssh always names the usual ones; they need not exist. */
export interface IdentityFile {
  readonly path: string;
  readonly isDefault: boolean;
}

/** Who and where we are, as tokens see it. */
export interface LocalIdentity {
  readonly userName: string;
  readonly userId: number;
  readonly homeDirectory: string;
  readonly hostName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const defaultConnectTimeoutSeconds = 15;
const defaultIdentity = /^~\/\.ssh\/id_(rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa|mldsa\w*)$/;

/** Settings that would make checking the host's key, or reaching it, different from what `ssh` does. */
const refusedSettings = ["knownhostscommand", "revokedhostkeys"];

/**
 * Reads what `ssh -G destination` printed.
 * @throws ConfigurationError that says which setting cannot be honoured here.
 */
export function readClientConfig(text: string, destination: string, local: LocalIdentity): ClientConfig {
  const settings = readSettings(text);
  refuseUnsupported(settings);
  const one = (key: string): string | undefined => noneIsUndefined(settings.get(key)?.[0]);
  const required = (key: string): string => {
    const value = one(key);
    if (value === undefined) throw new ConfigurationError(`ssh -G names no ${key}`);
    return value;
  };
  const tokens = tokensOf(destination, { one, required }, local);
  const sources: ExpansionSources = { ...local, tokens };
  const proxyCommand = one("proxycommand");
  const files = (key: string): readonly string[] => splitPaths(one(key) ?? "", local.homeDirectory);
  return {
    destination,
    hostname: required("hostname"),
    port: Number(required("port")),
    user: required("user"),
    proxyJump: one("proxyjump"),
    proxyCommand: proxyCommand === undefined ? undefined : expandTokens(proxyCommand, tokens),
    hostKeyAlias: one("hostkeyalias"),
    acceptsNewHostKeys: ["accept-new", "no", "off", "false"].includes(one("stricthostkeychecking") ?? "ask"),
    userKnownHostsFiles: files("userknownhostsfile"),
    globalKnownHostsFiles: files("globalknownhostsfile"),
    hashKnownHosts: one("hashknownhosts") === "yes",
    hostKeyAlgorithms: (one("hostkeyalgorithms") ?? "").split(","),
    identityFiles: identityFiles(named(settings.get("identityfile")), sources),
    certificateFiles: named(settings.get("certificatefile")).map((path) => expandPath(path, sources)),
    identitiesOnly: one("identitiesonly") === "yes",
    identityAgent: agentSocket(settings.get("identityagent")?.[0], local),
    connectTimeoutSeconds: Number(one("connecttimeout") ?? defaultConnectTimeoutSeconds),
    addressFamily: addressFamily(one("addressfamily")),
    bindAddress: one("bindaddress"),
    kexAlgorithms: one("kexalgorithms") ?? "",
    ciphers: one("ciphers") ?? "",
    macs: one("macs") ?? "",
  };
}

function refuseUnsupported(settings: SshSettings): void {
  for (const key of refusedSettings) {
    if (noneIsUndefined(settings.get(key)?.[0]) !== undefined)
      throw new ConfigurationError(`${key} is not supported here`);
  }
  if (settings.get("proxyusefdpass")?.[0] === "yes")
    throw new ConfigurationError("proxyusefdpass is not supported here");
}

function noneIsUndefined(value: string | undefined): string | undefined {
  return value === "" || value?.toLowerCase() === "none" ? undefined : value;
}

interface Lookup {
  readonly one: (key: string) => string | undefined;
  readonly required: (key: string) => string;
}

function tokensOf(destination: string, { one, required }: Lookup, local: LocalIdentity): Tokens {
  const given = one("host") ?? destination.replace(/^.*@/, "");
  return {
    h: required("hostname"),
    n: given,
    p: required("port"),
    r: required("user"),
    u: local.userName,
    i: String(local.userId),
    d: local.homeDirectory,
    l: local.hostName,
    L: local.hostName.replace(/\..*$/, ""),
    k: one("hostkeyalias") ?? given,
    j: one("proxyjump") ?? "",
  };
}

function identityFiles(raw: readonly string[], sources: ExpansionSources): readonly IdentityFile[] {
  return raw.map((path) => ({ path: expandPath(path, sources), isDefault: defaultIdentity.test(path) }));
}

function named(paths: readonly string[] = []): readonly string[] {
  return paths.filter((path) => path !== "none");
}

/** ssh has expanded everything but variables, which it leaves as `$NAME`. */
function agentSocket(value: string | undefined, local: LocalIdentity): string | undefined {
  if (value === "none") return undefined;
  if (value === undefined || value === "SSH_AUTH_SOCK") return local.environment["SSH_AUTH_SOCK"];
  if (value.startsWith("$")) return local.environment[value.slice(1).replace(/^\{(.*)\}$/, "$1")];
  return expandHome(value, local.homeDirectory);
}

/** ssh prints paths with spaces between them and inside them; only a space before `/` or `~` parts two. */
function splitPaths(text: string, homeDirectory: string): readonly string[] {
  const paths = text.split(/ (?=[/~])/).flatMap((path) => (/^[/~]/.test(path) ? [path] : path.split(" ")));
  return paths
    .filter((path) => path !== "" && path !== "none")
    .map((path) => expandHome(path, homeDirectory));
}

function addressFamily(value: string | undefined): ClientConfig["addressFamily"] {
  return value === "inet" || value === "inet6" ? value : "any";
}
