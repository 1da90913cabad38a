// A host as a person names it → its entry in an inventory that is being written. Pure.

import { hostNamePattern, userPattern } from "./host-name.ts";
import { parseTarget } from "./target.ts";

/** A host on its way into an inventory: its name there, and how it is reached. */
export interface DraftHost {
  readonly name: string;
  readonly entry: DraftEntry;
}

/** What stands under its name. */
export interface DraftEntry {
  readonly address?: string;
  readonly user?: string;
  readonly port?: number;
  readonly sudo?: true;
}

/** Why a text names no host that could be added. */
export type DraftProblem =
  | { readonly kind: "unreadable"; readonly text: string }
  | { readonly kind: "vm-named"; readonly text: string }
  /** The same machine, but with another login or by a name that is taken. */
  | { readonly kind: "named-twice"; readonly text: string; readonly name: string };

/**
 * The host that `HOST` or `user@address:port` names; undefined when it is among `before` already. Its name is its
 * address, with the port where another host of that address has the name.
 */
export function draftHost(text: string, before: readonly DraftHost[]): DraftHost | DraftProblem | undefined {
  const target = parseTarget(text, { uri: "" });
  if (target === undefined) return { kind: "unreadable", text };
  if (target.vm !== undefined) return { kind: "vm-named", text };
  const { destination, port } = target.host;
  const at = destination.lastIndexOf("@");
  const [user, address] =
    at < 0 ? [undefined, destination] : [destination.slice(0, at), destination.slice(at + 1)];
  if (!hostNamePattern.test(address) || (user !== undefined && !userPattern.test(user)))
    return { kind: "unreadable", text };
  const same = before.find((host) => addressOf(host) === address && host.entry.port === port);
  if (same !== undefined)
    return same.entry.user === user ? undefined : { kind: "named-twice", text, name: same.name };
  const reach = { ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
  if (isFree(address, before)) return { name: address, entry: reach };
  const name = `${address.replaceAll(":", "-")}-${port ?? "ssh"}`;
  return isFree(name, before) ? { name, entry: { address, ...reach } } : { kind: "named-twice", text, name };
}

function addressOf({ name, entry }: DraftHost): string {
  return entry.address ?? name;
}

function isFree(name: string, before: readonly DraftHost[]): boolean {
  return before.every((host) => host.name !== name);
}
