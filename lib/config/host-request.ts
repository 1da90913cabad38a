// One host of a run: how it is reached, which of its VMs are asked for, and what was said of each. Pure.

import type { Host } from "../model/host.ts";
import { settingNames, type Settings } from "./setting-rules.ts";
import { readSomeSettings, type SettingTexts } from "./settings.ts";
import { rulesFor, type VmRules } from "./vm-rules.ts";

/** What a run shall do with one host. */
export interface HostRequest {
  readonly host: Host;
  /** Undefined for all VMs that its inventory does not leave out. */
  readonly vms: readonly VmWish[] | undefined;
  readonly rules: VmRules;
  readonly priority: number;
  /** Where restored images go on the host; undefined for where they were. */
  readonly imageDirectory?: string | undefined;
  /** What has precedence over anything said of one VM, the first before the others: flags, environment, `.env`. */
  readonly before: readonly SettingTexts[];
  /** What the inventory says of the host, then what it says of the run. */
  readonly after: readonly SettingTexts[];
}

/** A VM that was asked for, by name, UUID or pattern. */
export interface VmWish {
  readonly text: string;
  /** The target it comes from, when that names several hosts: then one of them must have such a VM, not each. */
  readonly sharedTarget: string | undefined;
  /** Another host is known to have it, so this one need not. */
  readonly mayBeMissing?: boolean;
}

/** What can differ from host to host, and from VM to VM. */
export type HostSettings = Omit<Settings, "store" | "sshConfig" | "concurrency" | "inventory">;

/** The settings for a host, or for one VM of it. All texts were checked when they were read. */
export function settingsFor(
  request: Pick<HostRequest, "rules" | "before" | "after">,
  vm?: string,
): HostSettings {
  const own = vm === undefined ? [] : rulesFor(request.rules, vm).map(({ settings }) => settings);
  const reading = readSomeSettings(hostSettingNames, [...request.before, ...own, ...request.after]);
  // Each of these has a built-in default, or may be undefined.
  if ("settings" in reading) return reading.settings as HostSettings;
  throw new Error(`Settings that were not checked: ${reading.problems.map(({ name }) => name).join(", ")}`);
}

const runSettings: readonly string[] = ["store", "sshConfig", "concurrency", "inventory"];
const hostSettingNames = settingNames.filter((name) => !runSettings.includes(name));

/** When a VM's turn comes: the higher the sooner. */
export function priorityOf({ rules, priority }: Pick<HostRequest, "rules" | "priority">, vm: string): number {
  return rulesFor(rules, vm).find((rule) => rule.priority !== undefined)?.priority ?? priority;
}

/** The folders that are configured for overlays on a host, and for those of single VMs of it. */
export function overlayDirectoryOf(
  request: Pick<HostRequest, "rules" | "before" | "after">,
): (vm?: string) => string | undefined {
  return (vm) => settingsFor(request, vm).overlayDirectory;
}

/** Where images of a VM go that is restored; undefined for where they were. */
export function imageDirectoryOf(
  { rules, imageDirectory }: Pick<HostRequest, "rules" | "imageDirectory">,
  vm: string,
): string | undefined {
  const own = rulesFor(rules, vm).find((rule) => rule.imageDirectory !== undefined);
  return own?.imageDirectory ?? imageDirectory;
}
