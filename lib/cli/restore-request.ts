// What `virtfold restore` was asked for: flags, environment, .env and inventory → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import { imageDirectoryOf, settingsFor, type HostRequest } from "../config/host-request.ts";
import type { Inventory } from "../config/inventory.ts";
import { readSomeSettings } from "../config/settings.ts";
import { parseTarget } from "../config/target.ts";
import type { WantedBackup } from "../fleet/choose-backup.ts";
import type { RestoreRequest } from "../fleet/restore-one.ts";
import { macChoices, type MacChoice, type NetworkChoice } from "../model/restore.ts";
import { isVmName } from "../restore/read-stored-vm.ts";
import { isPlainPath } from "../plan/restore-folder.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { hostRequests, type Wishes } from "./host-requests.ts";
import { openInventory } from "./open-inventory.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { usage } from "./usage.ts";

/** The flags of `restore`. */
export const restoreShape: CommandShape = {
  name: "restore",
  summary:
    "Brings a VM back from its backup, as another VM: new name, UUID and MAC addresses, images in a folder of its own;\n" +
    "with --as-original as what it was. Nothing that is there is overwritten, but for block devices that are named; what goes wrong half-way is undone, by the host itself if need be.",
  argument: {
    name: "target",
    meaning: "HOST/VM, or HOST/VM@WHEN with WHEN as `list` shows it (2026-11-23-012500) or `latest`",
  },
  flags: [
    { flags: "--to <host>", meaning: "restore on this host (default: the one it was backed up from)" },
    { flags: "--as <name>", meaning: "name of the restored VM (default: VM-restore-WHEN)" },
    {
      flags: "--image-dir <dir>",
      meaning:
        "folder on the host in which the VM gets its own (default: image_dir of the inventory, else where its images were)",
    },
    {
      flags: "--as-original",
      meaning:
        "as what it was: same name, UUID, MAC addresses and paths; refused where that VM is still there",
    },
    {
      flags: "--force",
      meaning: "with --as-original: in the place of a VM that is shut off; what was there is kept aside",
    },
    {
      flags: "--overwrite-device <path>",
      meaning:
        "with --as-original: the disk that was on this block device may be written over what is on it now, which is lost; repeatable",
      isRepeatable: true,
    },
    { flags: "--start", meaning: "start it" },
    {
      flags: "--network <choice>",
      meaning: "keep (default), detach (cables pulled), or a network of libvirt for all cards",
    },
    { flags: "--mac <choice>", meaning: "new (default), or keep the addresses of the original" },
    { flags: "--no-snapshots", meaning: "leave its internal snapshots out" },
    {
      flags: "--lease <seconds>",
      meaning: "a host that hears nothing for so long undoes everything (default 120)",
      setting: "leaseSeconds",
    },
    {
      flags: "--bwlimit <rate>",
      meaning: "what each file may take of the link a second, such as 20M (default: no limit)",
      setting: "bandwidthLimit",
    },
    { flags: "--dry-run", meaning: "only show what would be done; change nothing" },
  ],
  examples: [
    "kvm1/ubuntu20 --store /srv/backups/libvirt",
    "kvm1/ubuntu20@2026-11-23-012500 --to kvm2 --as ubuntu20-look --network detach --start",
    "root@kvm7/ubuntu20 --dry-run",
  ],
  exitCodeHelp: `
Exit codes:
  0    the VM is there, whole (with --dry-run: it would be)
  1    a bug in virtfold
  2    usage or configuration
  3    it is not there: nothing of it is, or it was to be started and does not run
  4    a host needs a person (something could not be undone)
  130  interrupted, nothing of the VM is there
`,
};

const settingsOfRestore = ["store", "sshConfig", "leaseSeconds", "bandwidthLimit"] as const;

/** Checks everything that can be checked without asking a host. @throws BackupError `usage` or `inventory-bad`. */
export async function readRestoreRequest(args: Extract<Arguments, { kind: "run" }>): Promise<RestoreRequest> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const inventory = await openInventory(sources);
  const reading = readSomeSettings(settingsOfRestore, [...sources, inventory.run]);
  if ("problems" in reading) throw usage("restore", reading.problems.map(describeProblem).join("; "));
  const { store, sshConfig } = reading.settings;
  if (store === undefined)
    throw usage("restore", "--store (or VIRTFOLD_STORE) is missing: folder that holds the backups");
  const target = readTarget(args.targets);
  const to = lastOf(args, "to") ?? target.host;
  const wishes = { targets: [to], inventory, sources, vmNames: [], purpose: "to restore" };
  const request = oneHost(to, wishes);
  const original = readOriginal(args);
  const everyHost =
    original === undefined || inventory.hosts.length === 0 ? undefined : { ...wishes, targets: [] };
  await checkSshConfig("restore", sshConfig);
  return {
    ...{ store, sshConfig, host: request.host },
    backup: { ...target, host: nameOf(target.host, inventory) },
    otherHosts: othersOf(request.host, everyHost),
    options: {
      name: readName(args),
      imageFolder: readFolder(args) ?? imageDirectoryOf(request, target.vm),
      network: readNetwork(lastOf(args, "network")),
      mac: readMac(lastOf(args, "mac")),
      withSnapshots: !("snapshots" in args.extra),
      starts: "start" in args.extra,
      original,
      leaseSeconds: settingsFor(request).leaseSeconds,
      bytesPerSecond: settingsFor(request, target.vm).bandwidthLimit,
    },
  };
}

/** What makes another VM of it, and what makes it what it was, are not for one command. */
function readOriginal(args: Extract<Arguments, { kind: "run" }>): RestoreRequest["options"]["original"] {
  const isForced = "force" in args.extra;
  const overwrites = args.extra["overwriteDevice"] ?? [];
  const odd = overwrites.find((path) => !isPlainPath(path));
  if (odd !== undefined)
    throw usage("restore", `--overwrite-device cannot be ${JSON.stringify(odd)}: it is no full path`);
  if (!("asOriginal" in args.extra)) {
    if (overwrites.length > 0)
      throw usage(
        "restore",
        "--overwrite-device is for --as-original: another VM is never put onto a device",
      );
    if (isForced) throw usage("restore", "--force is for --as-original: another VM never takes a place");
    return undefined;
  }
  const others = { as: "--as", imageDir: "--image-dir", mac: "--mac" };
  const other = Object.entries(others).find(([name]) => lastOf(args, name) !== undefined)?.[1];
  if (other !== undefined)
    throw usage(
      "restore",
      `--as-original and ${other} exclude each other: as what it was, the VM has what it had`,
    );
  return { isForced, overwrites };
}

/** All that the inventory names, but for the one that is restored on. */
function othersOf(
  host: RestoreRequest["host"],
  wishes: Wishes | undefined,
): readonly RestoreRequest["host"][] {
  if (wishes === undefined) return [];
  return hostRequests("restore", wishes)
    .map((request) => request.host)
    .filter(({ name }) => name !== host.name);
}

function lastOf({ extra }: Extract<Arguments, { kind: "run" }>, name: string): string | undefined {
  return extra[name]?.at(-1);
}

const whenPattern = /^(.+)@(latest|\d{4}-\d\d-\d\d-\d{6})$/s;

function readTarget(targets: readonly string[]): WantedBackup {
  const [text, ...others] = targets;
  if (text === undefined || others.length > 0)
    throw usage("restore", "Name one VM to restore, as HOST/VM or HOST/VM@WHEN");
  const slash = text.indexOf("/");
  if (slash <= 0 || slash === text.length - 1)
    throw usage("restore", `${JSON.stringify(text)} names no VM: write it as HOST/VM or HOST/VM@WHEN`);
  const [host, rest] = [text.slice(0, slash), text.slice(slash + 1)];
  const [, vm = rest, when] = whenPattern.exec(rest) ?? [];
  return { host, vm, when: when === "latest" ? undefined : when };
}

/** What the store calls a host that was named as ssh knows it. */
function nameOf(host: string, { hosts }: Inventory): string {
  return hosts.some(({ name }) => name === host) ? host : (parseTarget(host, { uri: "" })?.host.name ?? host);
}

function oneHost(to: string, wishes: Wishes): HostRequest {
  const requests = hostRequests("restore", wishes);
  refuseUnsupported("restore", requests);
  const [only, ...others] = requests;
  if (only === undefined || others.length > 0 || only.vms !== undefined)
    throw usage("restore", `${JSON.stringify(to)} is not one host: name the one to restore on with --to`);
  return only;
}

function readName(args: Extract<Arguments, { kind: "run" }>): string | undefined {
  const name = lastOf(args, "as");
  if (name !== undefined && !isVmName(name))
    throw usage("restore", `${JSON.stringify(name)} cannot be the name of a VM`);
  return name;
}

function readFolder(args: Extract<Arguments, { kind: "run" }>): string | undefined {
  const folder = lastOf(args, "imageDir");
  if (folder !== undefined && !isPlainPath(folder.replace(/(?<=.)\/+$/, "")))
    throw usage("restore", `--image-dir cannot be ${JSON.stringify(folder)}: it is no full path`);
  return folder;
}

function readNetwork(text = "keep"): NetworkChoice {
  if (text === "keep" || text === "detach") return { kind: text };
  if (text.trim() === "" || /[/\p{Cc}]/u.test(text))
    throw usage(
      "restore",
      `--network cannot be ${JSON.stringify(text)}: it is keep, detach or the name of a network`,
    );
  return { kind: "network", name: text };
}

function readMac(text = "new"): MacChoice {
  const choice = macChoices.find((one) => one === text);
  if (choice === undefined)
    throw usage("restore", `--mac cannot be ${JSON.stringify(text)}: it is new or keep`);
  return choice;
}
