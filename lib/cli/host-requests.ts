// Targets of a command line + inventory → what the run shall do with each host.

import { settingsFor, type HostRequest } from "../config/host-request.ts";
import type { Inventory } from "../config/inventory.ts";
import { resolveTargets, type ResolvedHost } from "../config/resolve-targets.ts";
import type { SettingTexts } from "../config/settings.ts";
import { checkSettings } from "./check-settings.ts";
import { describeTargetProblem } from "./describe-target-problem.ts";
import { usage } from "./usage.ts";

/** What was asked for, and what is said of it: by the inventory, and by what has precedence over it. */
export interface Wishes {
  readonly targets: readonly string[];
  readonly inventory: Inventory;
  readonly sources: readonly SettingTexts[];
  /** VM names that every host is narrowed to; empty for none. */
  readonly vmNames: readonly string[];
  /** What a target is wanted for, in words. */
  readonly purpose: string;
}

/** Each host once, with its settings. @throws BackupError `usage` for targets that name nothing, and settings that say nothing. */
export function hostRequests(command: string, wishes: Wishes): readonly HostRequest[] {
  const { targets, inventory, sources, vmNames, purpose } = wishes;
  checkSettings(command, sources);
  if (targets.length === 0 && inventory.hosts.length === 0)
    throw usage(command, `No target given: name a HOST or HOST/VM ${purpose}`);
  const reading = resolveTargets(targets, inventory);
  if ("problems" in reading) throw usage(command, reading.problems.map(describeTargetProblem).join("; "));
  if (vmNames.length > 0 && reading.hosts.some(({ vms }) => vms !== undefined))
    throw usage(
      command,
      "--vm-domain chooses VMs of a HOST, and a target names a VM already: give one or the other",
    );
  return reading.hosts.map((resolved) => hostRequest(resolved, wishes));
}

function hostRequest(
  { host, destination, vms }: ResolvedHost,
  { inventory, sources, vmNames }: Wishes,
): HostRequest {
  const said = { rules: host.vms, before: sources, after: [host.settings, inventory.run] };
  const named = vmNames.map((text) => ({ text, sharedTarget: undefined }));
  const { uri, sudo: saidSudo } = settingsFor(said);
  const { sudo: sudoOfInventory, ...reach } = host.reach;
  const isSudoSaid = sources.some(({ sudo }) => sudo !== undefined);
  const sudo = isSudoSaid ? saidSudo : (sudoOfInventory ?? saidSudo);
  return {
    host: { name: host.name, destination, uri, ...reach, ...(sudo ? { sudo } : {}) },
    vms: vmNames.length > 0 ? named : vms,
    priority: host.priority,
    imageDirectory: host.imageDirectory,
    ...said,
  };
}
