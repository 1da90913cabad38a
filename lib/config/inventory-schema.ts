// What an inventory may say: checks, types, the words of errors and the published JSON Schema, all from here. Pure; the only user of zod
// in config/.

import { z } from "zod";
import { quiesceModes } from "../model/plan.ts";
import { transferModes } from "../model/transfer-mode.ts";
import { groupNamePattern, hostNamePattern, jumpPattern, userPattern } from "./host-name.ts";
import { rateMeaning, readRate } from "./read-rate.ts";
import { settingRules } from "./setting-rules.ts";

/** A value and what it has to be: the words of its error and of the JSON Schema. */
const value = <Schema extends z.ZodType>(meaning: string, schema: Schema): z.ZodOptional<Schema> =>
  schema.meta({ description: meaning }).optional();

const flag = (meaning: string): z.ZodOptional<z.ZodBoolean> =>
  value(`true or false: ${meaning}`, z.boolean());
const count = (meaning: string): z.ZodOptional<z.ZodInt> =>
  value(`${meaning}, a whole number from 1`, z.int().min(1).max(999_999));
const countOrNone = (meaning: string): z.ZodOptional<z.ZodInt> =>
  value(`${meaning}, a whole number; 0 for none`, z.int().min(0).max(99_999));
const folder = (meaning: string): z.ZodOptional<z.ZodString> =>
  value(
    `${meaning}, an absolute path`,
    z
      .string()
      .regex(/^\/[^\0\n]*$/)
      .max(4096),
  );
const globs = (meaning: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  value(`a list of ${meaning}`, z.array(z.string().min(1).max(1024)).max(10_000));

/** What can be said of every level down to one VM. */
const vmSettings = {
  quiesce: value("auto, require or never: freeze guest file systems for the snapshot", z.enum(quiesceModes)),
  max_backups: count("good backups to keep per VM"),
  keep_last: countOrNone("newest backups to keep per VM"),
  keep_hourly: countOrNone("hours of which to keep the newest backup"),
  keep_daily: countOrNone("days (UTC) of which to keep the newest backup"),
  keep_weekly: countOrNone("weeks (UTC) of which to keep the newest backup"),
  keep_monthly: countOrNone("months (UTC) of which to keep the newest backup"),
  keep_yearly: countOrNone("years (UTC) of which to keep the newest backup"),
  compress: flag("compress qcow2 images in the store"),
  overlay_dir: folder("folder on the host for overlays instead of beside each image"),
  image_dir: folder("folder on the host where restored images go"),
  lease: value(
    "seconds without a sign of life after which a host restores itself, 5 to 86400",
    z.int().min(5).max(86_400),
  ),
  overlay_budget: value(
    "what the overlays of one VM may take, such as 20G",
    z
      .string()
      .regex(/^[1-9]\d{0,11}[KMGTkmgt]?(?:[Ii]?[Bb])?$/)
      .refine((text) => settingRules.overlayBudget.read(text) !== undefined),
  ),
  transfer: value("auto, direct or staged: how disks are copied", z.enum(transferModes)),
  bwlimit: value(
    rateMeaning,
    z
      .union([
        z.string().regex(/^\d{1,9}(?:\.\d{1,3})?(?:[KMGkmg]?[Bb]|[KMGkmg](?:[Ii][Bb])?)?$/),
        z.number().min(0).max(999_999_999),
      ])
      .refine((rate) => readRate(String(rate)) !== undefined),
  ),
  priority: value("a whole number; VMs with a higher one come first", z.int().min(-1000).max(1000)),
};

const vm = z.strictObject({ ...vmSettings, exclude: flag("leave this VM out") });

const vms = z
  .strictObject({
    include: globs("names of VMs to back up, or patterns such as web*; all when not given"),
    exclude: globs("names of VMs to leave out, or patterns such as scratch-*"),
    settings: z
      .record(z.string().min(1).max(1024), vm.nullable())
      .meta({ description: "settings of single VMs, by name or pattern" })
      .optional(),
  })
  .meta({ description: "a mapping: include, exclude, settings" });

const name = z.string().max(255);

/** What can be said of every level down to one host. */
const hostSettings = {
  ...vmSettings,
  user: value("the login's name", name.regex(userPattern)),
  port: value("the port of sshd, 1 to 65535", z.int().min(1).max(65_535)),
  jump: value(
    "hosts on the way as ssh -J takes them, such as bastion or me@bastion:2222; none for none",
    z.string().max(2048).regex(jumpPattern),
  ),
  identity_file: value(
    "path of a private key, absolute or beginning with ~/",
    z
      .string()
      .max(4096)
      .regex(/^~?\/[^\0\n"\\]+$/),
  ),
  sudo: flag("become root on the host with sudo -n"),
  connection: value("ssh or local: how the host is reached", z.enum(["ssh", "local"])),
  uri: value(
    "libvirt connection URI on the host, such as qemu:///system",
    z.string().regex(/^[a-z+]+:\/\/\/[a-z]*$/),
  ),
  per_host: count("VMs backed up at once on one host"),
  tags: value(
    "a list of words by which tag:WORD finds hosts",
    z.array(name.regex(groupNamePattern)).max(100),
  ),
  vms: vms.nullable().optional(),
};

/** One host. */
export const hostSchema = z.strictObject({
  address: value("name or IP address where the host is, if it is not its name", name.regex(hostNamePattern)),
  ...hostSettings,
});

const hosts = z
  .record(name.regex(hostNamePattern), hostSchema.nullable())
  .meta({ description: "hosts by name, as in kvm1: { port: 2222 }" })
  .nullable()
  .optional();

const groupSettings = z.strictObject({ ...hostSettings, hosts });

/** One group, with the groups in it. */
export interface GroupEntry extends z.infer<typeof groupSettings> {
  groups?: Record<string, GroupEntry | null> | null | undefined;
}

const group: z.ZodType<GroupEntry> = z.strictObject({
  ...groupSettings.shape,
  get groups(): z.ZodType<GroupEntry["groups"]> {
    return groups;
  },
});

const groups = z
  .record(name.regex(groupNamePattern), group.nullable())
  .meta({ description: "groups by name, as in rack1: { hosts: … }" })
  .nullable()
  .optional();

/** A whole inventory. */
export const inventorySchema = z.strictObject({
  store: folder("folder that holds the backups"),
  concurrency: count("VMs backed up at once over all hosts"),
  defaults: z
    .strictObject(hostSettings)
    .meta({ description: "what holds for all hosts" })
    .nullable()
    .optional(),
  hosts,
  groups,
});

export type HostEntry = z.infer<typeof hostSchema>;
export type VmsEntry = NonNullable<HostEntry["vms"]>;
export type InventoryEntry = z.infer<typeof inventorySchema>;

/** The JSON Schema (draft 2020-12) that `schema/inventory.schema.json` publishes. */
export function inventoryJsonSchema(): unknown {
  return z.toJSONSchema(inventorySchema, { io: "input" });
}

/** Any schema of this file, with its type. */
export type Schema<Entry> = z.ZodType<Entry>;
/** What a schema says of a value that does not fit. */
export type SchemaIssue = z.core.$ZodIssue;
