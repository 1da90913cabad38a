// What is said of a host on several levels → one host. Pure.

import type { InventoryPlace } from "../model/inventory-problem.ts";
import { isGlob } from "./glob.ts";
import type { HostEntry, VmsEntry } from "./inventory-schema.ts";
import type { InventoryHost } from "./inventory.ts";
import type { SettingTexts } from "./settings.ts";
import type { VmRule, VmRules } from "./vm-rules.ts";

/** One host from what is said of it, nearest first: the host itself, its group, the group around that, the defaults. */
export function inventoryHost(
  name: string,
  place: InventoryPlace,
  levels: readonly HostEntry[],
): InventoryHost {
  const merged = levels.toReversed().reduce<HostEntry>((all, level) => ({ ...all, ...level }), {});
  const { address, user, port, jump, identity_file: identityFile, sudo, connection } = merged;
  return {
    name,
    place,
    reach: defined({ address, user, port, jump, identityFile, sudo, connection }),
    settings: settingTexts(merged),
    tags: [...new Set(levels.flatMap(({ tags }) => tags ?? []))],
    priority: merged.priority ?? 0,
    imageDirectory: merged.image_dir,
    vms: vmRules(levels.flatMap(({ vms }) => (vms ? [vms] : []))),
  };
}

/** The settings of an entry as the texts that flags and variables would give. */
export function settingTexts(entry: HostEntry): SettingTexts {
  const text = (value: string | number | boolean | undefined): string | undefined =>
    value === undefined ? undefined : String(value);
  return defined({
    uri: entry.uri,
    quiesce: entry.quiesce,
    maxBackups: text(entry.max_backups),
    keepLast: text(entry.keep_last),
    keepHourly: text(entry.keep_hourly),
    keepDaily: text(entry.keep_daily),
    keepWeekly: text(entry.keep_weekly),
    keepMonthly: text(entry.keep_monthly),
    keepYearly: text(entry.keep_yearly),
    compress: text(entry.compress),
    overlayDirectory: entry.overlay_dir,
    leaseSeconds: text(entry.lease),
    overlayBudget: entry.overlay_budget,
    transfer: entry.transfer,
    bandwidthLimit: text(entry.bwlimit),
    perHost: text(entry.per_host),
  });
}

/** What is excluded on any level is; the nearest list of what is included counts. */
function vmRules(levels: readonly VmsEntry[]): VmRules {
  const each = levels.flatMap(({ settings }) =>
    Object.entries(settings ?? {}).map(([pattern, entry]): VmRule => ({
      pattern,
      isExcluded: entry?.exclude,
      settings: settingTexts(entry ?? {}),
      priority: entry?.priority,
      imageDirectory: entry?.image_dir,
    })),
  );
  return {
    include: levels.find(({ include }) => include !== undefined)?.include,
    exclude: levels.flatMap(({ exclude }) => exclude ?? []),
    each: [
      ...each.filter(({ pattern }) => !isGlob(pattern)),
      ...each.filter(({ pattern }) => isGlob(pattern)),
    ],
  };
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
