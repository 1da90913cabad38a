// What an inventory says of the VMs of one host. Pure.

import { matchesGlob } from "./glob.ts";
import type { SettingTexts } from "./settings.ts";

/** Which VMs of a host are backed up, and how, where that differs from VM to VM. */
export interface VmRules {
  /** Patterns; undefined for all VMs. */
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  /** Nearest first: what names the VM before patterns, what the host says before what its groups say. */
  readonly each: readonly VmRule[];
}

/** What is said of the VMs whose names fit. */
export interface VmRule {
  readonly pattern: string;
  readonly isExcluded: boolean | undefined;
  readonly settings: SettingTexts;
  readonly priority: number | undefined;
  /** Where images of it that are restored go. */
  readonly imageDirectory?: string | undefined;
}

/** The rules of a host of which nothing is said. */
export const noVmRules: VmRules = { include: undefined, exclude: [], each: [] };

/** The rules for one VM, nearest first. */
export function rulesFor(rules: VmRules, vm: string): readonly VmRule[] {
  return rules.each.filter(({ pattern }) => matchesGlob(pattern, vm));
}

/** Whether the inventory leaves a VM out. What is said of it by name has precedence over lists. */
export function isLeftOut(rules: VmRules, vm: string): boolean {
  const own = rulesFor(rules, vm).find(({ isExcluded }) => isExcluded !== undefined)?.isExcluded;
  if (own !== undefined) return own;
  const fits = (patterns: readonly string[]): boolean => patterns.some((pattern) => matchesGlob(pattern, vm));
  return fits(rules.exclude) || (rules.include !== undefined && !fits(rules.include));
}
