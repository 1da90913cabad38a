// Verdict about a host's key → why there is no connection. Pure.

import type { FailureReason } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import { unreachable } from "../model/unreachable.ts";
import { quoteArgument } from "../shell/command.ts";
import type { HostKeyVerdict } from "./host-keys.ts";

/** Where the host was looked up, and how `ssh` is told to go there. */
export interface HostKeyContext {
  readonly host: Host;
  readonly files: readonly string[];
  /** The host as known_hosts files name it. */
  readonly knownName: string;
  /** Arguments that choose configuration file and port. */
  readonly selection: readonly string[];
}

/** The failure for a key that is not accepted; undefined when the key is not to blame. */
export function hostKeyFailure(verdict: HostKeyVerdict, context: HostKeyContext): FailureReason | undefined {
  const host = context.host.name;
  switch (verdict.kind) {
    case "unseen":
    case "known":
    case "new":
      return undefined;
    case "unknown":
      return {
        kind: "host-unknown-key",
        host,
        fingerprint: verdict.fingerprint,
        command: commandToAdd(context),
      };
    case "changed":
      return keyChanged(context, verdict.fingerprint);
    case "revoked":
      return { kind: "host-key-revoked", host, fingerprint: verdict.fingerprint };
    case "authority":
      return {
        kind: "host-key-authority",
        host,
        fingerprint: verdict.fingerprint,
        command: commandToAdd(context, ["-o", `HostKeyAlgorithms=${signaturesOf(verdict.type)}`]),
      };
    default:
      return unreachable(verdict);
  }
}

/** The failure for a key that is another than the one in known_hosts. */
export function keyChanged(
  { host, files, knownName }: HostKeyContext,
  fingerprint: string,
): Extract<FailureReason, { kind: "host-key-changed" }> {
  const [file] = files;
  const words = ["ssh-keygen", ...(file === undefined ? [] : ["-f", file]), "-R", knownName];
  return {
    kind: "host-key-changed",
    host: host.name,
    fingerprint,
    files,
    command: words.map(quoteArgument).join(" "),
  };
}

/** What a person runs to see for themselves whether the host lets them in. */
export function commandToTry({ host, selection }: HostKeyContext): string {
  return ["ssh", ...selection, "--", host.destination, "true"].map(quoteArgument).join(" ");
}

/**
 * Has ssh itself show the fingerprint, ask, and add the key: under the right name, to the right file, through the
 * same hops. ssh-keyscan would know neither aliases nor hops.
 */
function commandToAdd({ host, selection }: HostKeyContext, options: readonly string[] = []): string {
  const asking = ["-o", "BatchMode=no", "-o", "StrictHostKeyChecking=ask", ...options];
  const words = ["ssh", ...selection, ...asking, "--", host.destination, "true"];
  return words.map(quoteArgument).join(" ");
}

/** Asked for by these, a host shows its key itself and not a certificate of it. */
function signaturesOf(type: string): string {
  return type === "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : type;
}
