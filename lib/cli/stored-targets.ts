// Targets of commands that look into the store → names and patterns of what lies there. Pure.

import type { Inventory } from "../config/inventory.ts";
import { parseTarget } from "../config/target.ts";

/** A host and a VM of it, by name or pattern; undefined for all. */
export interface StoredTarget {
  readonly host: string | undefined;
  readonly vm: string | undefined;
}

/**
 * What to look for. Groups and tags are known from the inventory; a host need not be in it, since a store outlives
 * inventories. A host's name holds no slash; a VM's may, and is taken as a whole.
 */
export function storedTargets(texts: readonly string[], inventory: Inventory): readonly StoredTarget[] {
  if (texts.length === 0) return [{ host: undefined, vm: undefined }];
  return texts.flatMap((text) => {
    const [hostText = "", ...rest] = text.split("/");
    const vm = rest.length === 0 ? undefined : rest.join("/");
    return hostNames(hostText, inventory).map((host) => ({ host, vm }));
  });
}

function hostNames(text: string, { hosts, groups }: Inventory): readonly string[] {
  const isHost = hosts.some(({ name }) => name === text);
  const members = isHost ? undefined : groups.get(text);
  if (members !== undefined) return members;
  const tagged = text.startsWith("tag:")
    ? hosts.filter(({ tags }) => tags.includes(text.slice("tag:".length))).map(({ name }) => name)
    : [];
  return tagged.length > 0 ? tagged : [parseTarget(text, { uri: "" })?.host.name ?? text];
}
