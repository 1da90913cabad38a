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
      return { kind: "host-key-changed", host, fingerprint: verdict.fingerprint, files: context.files };
    case "revoked":
      return { kind: "host-key-revoked", host, fingerprint: verdict.fingerprint };
    case "authority":
      return { kind: "host-key-authority", host };
    default:
      return unreachable(verdict);
  }
}

/**
 * Has ssh itself show the fingerprint, ask, and add the key: under the right name, to the right file, through the
 * same hops. ssh-keyscan would know neither aliases nor hops.
 */
function commandToAdd({ host, selection }: HostKeyContext): string {
  const words = ["ssh", ...selection, "-o", "StrictHostKeyChecking=ask", "--", host.destination, "true"];
  return words.map(quoteArgument).join(" ");
}
