// Every setting there is: what it means, and how its text is read. Pure.

import { rateMeaning, readRate } from "./read-rate.ts";
import { readSize } from "./read-size.ts";
import { keepSettingRules, type KeepSettings } from "./keep-settings.ts";
import { quiesceModes, type QuiesceMode } from "../model/plan.ts";
import { transferModes, type TransferMode } from "../model/transfer-mode.ts";

/** What a run may be told, checked. */
export interface Settings extends KeepSettings {
  /** Folder that holds the backups. */
  readonly store: string;
  /** File or folder that names hosts and groups. */
  readonly inventory: string | undefined;
  readonly sshConfig: string | undefined;
  readonly uri: string;
  /** Whether everything on the hosts runs as root through `sudo -n`. */
  readonly sudo: boolean;
  readonly maxBackups: number;
  readonly compress: boolean;
  readonly quiesce: QuiesceMode;
  readonly overlayDirectory: string | undefined;
  /** VMs backed up at once over all hosts. */
  readonly concurrency: number;
  /** VMs backed up at once on one host. */
  readonly perHost: number;
  /** How long a host waits for a sign of life before it restores itself. */
  readonly leaseSeconds: number;
  /** What all overlays of one VM may take together, in bytes; undefined for as much as there is room. */
  readonly overlayBudget: number | undefined;
  readonly transfer: TransferMode;
  /** What each copy may take of the link, in bytes a second; 0 for no limit. */
  readonly bandwidthLimit: number;
  /** Whether events are printed for programs. */
  readonly json: boolean;
  /** Where to write metrics for Prometheus. */
  readonly metricsFile: string | undefined;
  /** Whether only warnings, errors and the summary are shown. */
  readonly quiet: boolean;
  /** Whether each step and each command's trouble are shown too. */
  readonly verbose: boolean;
  /** The operator's program to run before and after a run and each VM. */
  readonly hook: string | undefined;
  readonly hookTimeoutSeconds: number;
  /** Whom to tell that a run begins and how it ended; a secret. */
  readonly pingUrl: string | undefined;
}

export type SettingName = keyof Settings;

interface SettingRule<T> {
  readonly variable: string;
  /** One line for `.env.example` and for errors. */
  readonly meaning: string;
  readonly example: string;
  /** Reads the text; undefined when it is not acceptable. */
  readonly read: (text: string) => T | undefined;
  readonly fallback: T | undefined;
  readonly isRequired?: boolean;
  /** Whether errors must not show the text. */
  readonly isSecret?: boolean;
}

const text = (value: string): string | undefined => (value === "" ? undefined : value);
const positive = (value: string): number | undefined =>
  /^[1-9]\d{0,5}$/.test(value) ? Number(value) : undefined;
const absolute = (value: string): string | undefined => (value.startsWith("/") ? value : undefined);
const truth = (value: string): boolean | undefined =>
  ["true", "yes", "1"].includes(value) ? true : ["false", "no", "0"].includes(value) ? false : undefined;
const lease = (value: string): number | undefined => {
  const seconds = positive(value);
  return seconds !== undefined && seconds >= 5 && seconds <= 86_400 ? seconds : undefined;
};
const webAddress = (value: string): string | undefined =>
  URL.canParse(value) && ["http:", "https:"].includes(new URL(value).protocol) ? value : undefined;
const quiesce = (value: string): QuiesceMode | undefined => quiesceModes.find((mode) => mode === value);
const transfer = (value: string): TransferMode | undefined => transferModes.find((mode) => mode === value);

/** Every setting: its variable, its meaning, and how its text is read. */
export const settingRules: { readonly [Name in SettingName]: SettingRule<Settings[Name]> } = {
  store: {
    variable: "VIRTFOLD_STORE",
    meaning: "folder that holds the backups; it must exist",
    example: "/srv/backups/libvirt",
    read: text,
    fallback: undefined,
    isRequired: true,
  },
  inventory: {
    variable: "VIRTFOLD_INVENTORY",
    meaning: "inventory: a file or folder; hosts/inventory.yaml when there is one",
    example: "/etc/virtfold/hosts",
    read: text,
    fallback: undefined,
  },
  sshConfig: {
    variable: "VIRTFOLD_SSH_CONFIG",
    meaning: "OpenSSH configuration file to use instead of ~/.ssh/config",
    example: "/etc/virtfold/ssh_config",
    read: text,
    fallback: undefined,
  },
  uri: {
    variable: "VIRTFOLD_URI",
    meaning: "libvirt connection URI on the hosts",
    example: "qemu:///system",
    read: (value) => (/^[a-z+]+:\/\/\/[a-z]*$/.test(value) ? value : undefined),
    fallback: "qemu:///system",
  },
  sudo: {
    variable: "VIRTFOLD_SUDO",
    meaning: "become root on the hosts with sudo -n, true or false",
    example: "false",
    read: truth,
    fallback: false,
  },
  maxBackups: {
    variable: "VIRTFOLD_MAX_BACKUPS",
    meaning: "good backups to keep per VM, a whole number from 1",
    example: "6",
    read: positive,
    fallback: 6,
  },
  ...keepSettingRules,
  compress: {
    variable: "VIRTFOLD_COMPRESS",
    meaning: "compress qcow2 images in the store, true or false",
    example: "false",
    read: truth,
    fallback: false,
  },
  quiesce: {
    variable: "VIRTFOLD_QUIESCE",
    meaning: "freeze guest file systems for the snapshot: auto, require or never",
    example: "auto",
    read: quiesce,
    fallback: "auto",
  },
  overlayDirectory: {
    variable: "VIRTFOLD_OVERLAY_DIR",
    meaning: "absolute folder on the hosts for overlays instead of beside each image",
    example: "/var/lib/libvirt/images",
    read: absolute,
    fallback: undefined,
  },
  concurrency: {
    variable: "VIRTFOLD_CONCURRENCY",
    meaning: "VMs backed up at once over all hosts, a whole number from 1",
    example: "4",
    read: positive,
    fallback: 4,
  },
  perHost: {
    variable: "VIRTFOLD_PER_HOST",
    meaning: "VMs backed up at once on one host, a whole number from 1",
    example: "1",
    read: positive,
    fallback: 1,
  },
  leaseSeconds: {
    variable: "VIRTFOLD_LEASE",
    meaning: "seconds without a sign of life after which a host restores itself, 5 to 86400",
    example: "120",
    read: lease,
    fallback: 120,
  },
  overlayBudget: {
    variable: "VIRTFOLD_OVERLAY_BUDGET",
    meaning: "what the overlays of one VM may take, such as 20G; more ends its backup",
    example: "20G",
    read: readSize,
    fallback: undefined,
  },
  transfer: {
    variable: "VIRTFOLD_TRANSFER",
    meaning: "how disks are copied: auto or direct (staged is not supported yet)",
    example: "auto",
    read: transfer,
    fallback: "auto",
  },
  bandwidthLimit: {
    variable: "VIRTFOLD_BWLIMIT",
    meaning: rateMeaning,
    example: "20M",
    read: readRate,
    fallback: 0,
  },
  json: {
    variable: "VIRTFOLD_JSON",
    meaning: "print events as JSON instead of the summary, true or false",
    example: "false",
    read: truth,
    fallback: false,
  },
  quiet: {
    variable: "VIRTFOLD_QUIET",
    meaning: "show only warnings, errors and the summary, true or false",
    example: "false",
    read: truth,
    fallback: false,
  },
  verbose: {
    variable: "VIRTFOLD_VERBOSE",
    meaning: "show also each step and each command's trouble, true or false",
    example: "false",
    read: truth,
    fallback: false,
  },
  metricsFile: {
    variable: "VIRTFOLD_METRICS_FILE",
    meaning: "file for Prometheus' textfile collector; its folder must exist",
    example: "/var/lib/prometheus/node-exporter/virtfold.prom",
    read: text,
    fallback: undefined,
  },
  hook: {
    variable: "VIRTFOLD_HOOK",
    meaning: "program to run before and after each run and VM, with its full path (docs/unattended.md)",
    example: "/etc/virtfold/hook",
    read: absolute,
    fallback: undefined,
  },
  hookTimeoutSeconds: {
    variable: "VIRTFOLD_HOOK_TIMEOUT",
    meaning: "seconds that the hook may take each time, a whole number from 1",
    example: "60",
    read: positive,
    fallback: 60,
  },
  pingUrl: {
    variable: "VIRTFOLD_PING_URL",
    meaning:
      "http or https address to tell that a run began (/start), went well (itself) or failed (/fail); a secret",
    example: "https://hc-ping.com/00000000-0000-0000-0000-000000000000",
    read: webAddress,
    fallback: undefined,
    isSecret: true,
  },
};

/** All names, in the order of the rules. */
export const settingNames = Object.keys(settingRules) as readonly SettingName[];
