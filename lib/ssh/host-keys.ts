// Whether a host's key is the one we know. Pure; known-hosts.ts reads the files.

import { createHash } from "node:crypto";
import type { KnownHostEntry } from "./known-hosts.ts";

/** What is thought of the key that a host showed. */
export type HostKeyVerdict =
  /** The host has shown none; it may have none of a type we know it by. */
  | { readonly kind: "unseen" }
  | { readonly kind: "known" }
  /** Nobody knew the host, and new ones are accepted. */
  | { readonly kind: "new"; readonly type: string; readonly key: string }
  | { readonly kind: "unknown" | "changed" | "revoked"; readonly fingerprint: string }
  | { readonly kind: "authority"; readonly fingerprint: string; readonly type: string };

/** Judges the keys of one host during one connection. */
export interface HostKeyPolicy {
  /**
   * Whether to go on with a host that shows this key.
   *
   * Synchronous, and a real boolean, because ssh2 takes everything but a literal `false` for consent, a promise
   * too. It is asked again at every rekey, and never changes its mind about a key.
   */
  verify(key: Buffer): boolean;
  verdict(): HostKeyVerdict;
  /** The signature algorithms to ask the host for, best first; undefined when any will do. */
  readonly algorithms: readonly SignatureAlgorithm[] | undefined;
  /** Whether some key of this very host is known, so that it has to show that. */
  readonly isHostKnown: boolean;
}

/** What ssh2 can check a host's key with. */
export const signatureAlgorithms = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** What decides besides the entries. */
export interface HostKeyRules {
  readonly acceptsNewHostKeys: boolean;
  /** What `ssh` itself would accept, best first; SHA-1 signatures of RSA keys are asked for only if they are among them. */
  readonly hostKeyAlgorithms: readonly string[];
}

/**
 * The policy that follows from all known_hosts entries about a host.
 *
 * The host is asked only for types of key that are known of it. Otherwise ssh2 would ask for its own favourite, and
 * a host known by its RSA key would look changed; or a new type of key would pass for a new host. A type of which only
 * a revoked key is known is not asked for when there is another.
 */
export function hostKeyPolicy(entries: readonly KnownHostEntry[], rules: HostKeyRules): HostKeyPolicy {
  let verdict: HostKeyVerdict = { kind: "unseen" };
  return {
    verify(key) {
      verdict = judge(key, entries, { rules, before: verdict });
      return verdict.kind === "known" || verdict.kind === "new";
    },
    verdict: () => verdict,
    algorithms: algorithmsFor(entries, rules),
    isHostKnown: entries.some(isAboutHost),
  };
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

interface Circumstances {
  readonly rules: HostKeyRules;
  readonly before: HostKeyVerdict;
}

function judge(
  key: Buffer,
  entries: readonly KnownHostEntry[],
  { rules, before }: Circumstances,
): HostKeyVerdict {
  const type = key.toString("latin1", 4, 4 + key.readUInt32BE(0));
  const text = key.toString("base64");
  const fingerprint = fingerprintOf(key);
  const isSame = (entry: { type: string; key: string }): boolean => entry.type === type && entry.key === text;
  if (entries.some((entry) => entry.marker === "@revoked" && isSame(entry)))
    return { kind: "revoked", fingerprint };
  if (entries.some((entry) => entry.marker === "" && isSame(entry))) return { kind: "known" };
  if (before.kind === "new") return isSame(before) ? before : { kind: "changed", fingerprint };
  if (entries.some(isAboutHost)) return { kind: "changed", fingerprint };
  if (rules.acceptsNewHostKeys) return { kind: "new", type, key: text };
  const hasAuthority = entries.some(({ marker }) => marker === "@cert-authority");
  return hasAuthority ? { kind: "authority", fingerprint, type } : { kind: "unknown", fingerprint };
}

/** Whether an entry names a key that this very host has. */
function isAboutHost({ marker, isWithoutPort }: KnownHostEntry): boolean {
  return marker === "" && !isWithoutPort;
}

function algorithmsFor(
  entries: readonly KnownHostEntry[],
  rules: HostKeyRules,
): readonly SignatureAlgorithm[] | undefined {
  const revoked = new Set(entries.filter(({ marker }) => marker === "@revoked").map(({ key }) => key));
  const known = entries.filter(isAboutHost);
  const good = known.filter(({ key }) => !revoked.has(key));
  const types = new Set((good.length === 0 ? known : good).map(({ type }) => type));
  if (types.size === 0) return wantedAlgorithms(rules);
  return signatureAlgorithms.filter((algorithm) => {
    if (algorithm === "ssh-rsa") return types.has("ssh-rsa") && rules.hostKeyAlgorithms.includes("ssh-rsa");
    return types.has(algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm);
  });
}

/** Those of `ssh` itself that can be checked here, in its order. */
function wantedAlgorithms({ hostKeyAlgorithms }: HostKeyRules): readonly SignatureAlgorithm[] | undefined {
  const wanted = hostKeyAlgorithms.filter((name) => isSignatureAlgorithm(name));
  return wanted.length === 0 ? undefined : wanted;
}

function isSignatureAlgorithm(name: string): name is SignatureAlgorithm {
  return signatureAlgorithms.some((known) => known === name);
}
