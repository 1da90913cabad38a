// Targets as people write them + the inventory → hosts and the VMs asked for on each. Pure.

import { isGlob, matchesGlob } from "./glob.ts";
import type { VmWish } from "./host-request.ts";
import type { Inventory, InventoryHost } from "./inventory.ts";
import { nearestName } from "./nearest-name.ts";
import { parseTarget } from "./target.ts";
import { noVmRules } from "./vm-rules.ts";

/** One host that targets name. */
export interface ResolvedHost {
  readonly host: InventoryHost;
  /** What `ssh` is given: its name, unless the target said otherwise. */
  readonly destination: string;
  /** Undefined for all its VMs. */
  readonly vms: readonly VmWish[] | undefined;
}

/** A target that names nothing. */
export type TargetProblem =
  | { readonly kind: "unreadable" | "empty-group"; readonly text: string }
  | {
      readonly kind: "unknown";
      readonly text: string;
      readonly what: "host or group" | "tag" | "host";
      readonly nearest: string | undefined;
    };

/** What targets name, each host once; all problems at once when there are any. No target is the whole inventory. */
export function resolveTargets(
  texts: readonly string[],
  inventory: Inventory,
): { readonly hosts: readonly ResolvedHost[] } | { readonly problems: readonly TargetProblem[] } {
  if (texts.length === 0) {
    return { hosts: inventory.hosts.map((host) => ({ host, destination: host.name, vms: undefined })) };
  }
  const found = texts.map((text) => resolveOne(text, inventory));
  const problems = found.flatMap((one) => ("kind" in one ? [one] : []));
  if (problems.length > 0) return { problems };
  const hosts = new Map<string, ResolvedHost>();
  for (const one of found.flatMap((hosts) => ("kind" in hosts ? [] : hosts))) {
    const before = hosts.get(one.host.name);
    const isAll = before !== undefined && (before.vms === undefined || one.vms === undefined);
    const vms =
      before === undefined ? one.vms : isAll ? undefined : [...(before.vms ?? []), ...(one.vms ?? [])];
    hosts.set(one.host.name, { ...(before ?? one), vms });
  }
  return { hosts: [...hosts.values()] };
}

function resolveOne(text: string, inventory: Inventory): readonly ResolvedHost[] | TargetProblem {
  const slash = text.indexOf("/");
  const hostText = slash < 0 ? text : text.slice(0, slash);
  const vmText = slash < 0 ? undefined : text.slice(slash + 1);
  if (hostText === "" || vmText === "") return { kind: "unreadable", text };
  const host = inventory.hosts.find(({ name }) => name === hostText);
  const wish = (sharedTarget: string | undefined): readonly VmWish[] | undefined =>
    vmText === undefined ? undefined : [{ text: vmText, sharedTarget }];
  if (host !== undefined) return [{ host, destination: host.name, vms: wish(undefined) }];
  const several = severalHosts(hostText, inventory);
  if (several === undefined) return resolveDestination(text, inventory);
  if ("kind" in several) return several;
  return several.map((one) => ({ host: one, destination: one.name, vms: wish(text) }));
}

/** The hosts of a group, a tag or a pattern; undefined when the text is none of these. */
function severalHosts(
  text: string,
  inventory: Inventory,
): readonly InventoryHost[] | TargetProblem | undefined {
  const members = inventory.groups.get(text);
  if (members !== undefined) {
    const hosts = inventory.hosts.filter(({ name }) => members.includes(name));
    return hosts.length > 0 ? hosts : { kind: "empty-group", text };
  }
  if (text.startsWith("tag:")) {
    const tag = text.slice("tag:".length);
    const tagged = inventory.hosts.filter(({ tags }) => tags.includes(tag));
    const known = [...new Set(inventory.hosts.flatMap(({ tags }) => tags))];
    return tagged.length > 0 ? tagged : unknown(text, "tag", nearestName(tag, known));
  }
  if (!isGlob(text)) return undefined;
  const matching = inventory.hosts.filter(({ name }) => matchesGlob(text, name));
  const plain = text.replaceAll(/[*?\\]/g, "");
  return matching.length > 0 ? matching : unknown(text, "host", nearestName(plain, hostNames(inventory)));
}

/**
 * A host that is in no inventory. A bare word that is nearly a name of the inventory is taken for a slip: a host that
 * is really called so can be written with its user.
 */
function resolveDestination(text: string, inventory: Inventory): readonly ResolvedHost[] | TargetProblem {
  const target = parseTarget(text, { uri: "" });
  if (target === undefined) return { kind: "unreadable", text };
  const { name, destination, port } = target.host;
  const isBare = name === destination && port === undefined;
  const vms = target.vm === undefined ? undefined : [{ text: target.vm, sharedTarget: undefined }];
  // As in Ansible: only an inventory can say that this machine is to be reached by ssh.
  if (isBare && name === "localhost")
    return [{ host: { ...stranger(name, inventory), reach: { connection: "local" } }, destination, vms }];
  const nearest = isBare
    ? nearestName(name, [...hostNames(inventory), ...inventory.groups.keys()])
    : undefined;
  if (nearest !== undefined) return unknown(text, "host or group", nearest);
  return [{ host: strangerOrKnown(target.host, inventory), destination, vms }];
}

/** `root@kvm1` is kvm1 of the inventory with another login: the store knows both by one name, so one set of rules holds. */
function strangerOrKnown(
  { name, port }: { readonly name: string; readonly port?: number },
  inventory: Inventory,
): InventoryHost {
  const known = inventory.hosts.find((host) => host.name === name);
  if (known !== undefined) {
    const { user: _user, connection: _connection, ...reach } = known.reach;
    return { ...known, reach };
  }
  return { ...stranger(name, inventory), reach: port === undefined ? {} : { port } };
}

/** A host that is in no inventory: what holds for all holds for it. */
function stranger(name: string, inventory: Inventory): InventoryHost {
  return {
    name,
    place: { file: "", line: undefined },
    reach: {},
    settings: inventory.defaults,
    tags: [],
    priority: 0,
    imageDirectory: undefined,
    vms: noVmRules,
  };
}

function hostNames(inventory: Inventory): readonly string[] {
  return inventory.hosts.map(({ name }) => name);
}

function unknown(
  text: string,
  what: Extract<TargetProblem, { kind: "unknown" }>["what"],
  nearest: string | undefined,
): TargetProblem {
  return { kind: "unknown", text, what, nearest };
}
