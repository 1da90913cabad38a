// What `virtfold backup` was asked for: flags, environment and .env → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import type { Target } from "../config/target.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { readTargets } from "./read-targets.ts";
import { usage } from "./usage.ts";

/** A checked request for backups. */
export interface BackupRequest {
  readonly settings: Settings;
  readonly targets: readonly Target[];
  /** VM names that every host target is narrowed to; empty for all. */
  readonly vmNames: readonly string[];
  readonly newName: string | undefined;
}

/** The flags of `backup`. Those of the single-host script keep their names. */
export const backupShape: CommandShape = {
  name: "backup",
  summary: "Backs up running and shut-off VMs over SSH: snapshot, copy, fold back, publish, rotate.",
  argument: {
    name: "target",
    meaning: "HOST, HOST/VM, or user@address:port[/VM]; a host alone means all its VMs",
  },
  flags: [
    { flags: "--backup-base-dir <dir>", meaning: "the same as --store", setting: "store" },
    { flags: "--vm-domain <name>", meaning: "only this VM of each host (repeatable)", isRepeatable: true },
    { flags: "--compress", meaning: "compress qcow2 images in the store", setting: "compress" },
    {
      flags: "--new-vm-domain-name <name>",
      meaning: "name of the VM in the XML for restoring (one VM only)",
    },
    { flags: "--max-backups <n>", meaning: "good backups to keep per VM (default 6)", setting: "maxBackups" },
    {
      flags: "--quiesce <mode>",
      meaning: "auto, require or never: freeze the guest's file systems (default auto)",
      setting: "quiesce",
    },
    {
      flags: "--overlay-dir <dir>",
      meaning: "folder on the hosts for overlays (default: beside each image)",
      setting: "overlayDirectory",
    },
    {
      flags: "--lease <seconds>",
      meaning: "a host that hears nothing for so long restores itself (default 120)",
      setting: "leaseSeconds",
    },
    {
      flags: "--overlay-budget <size>",
      meaning:
        "what a VM's overlays may take, such as 20G, before its backup is given up (default: as there is room)",
      setting: "overlayBudget",
    },
    { flags: "--concurrency <n>", meaning: "VMs at once over all hosts (default 4)", setting: "concurrency" },
    { flags: "--per-host <n>", meaning: "VMs at once on one host (default 1)", setting: "perHost" },
  ],
  examples: ["root@kvm7/ubuntu20 --store ./backups", "kvm1 kvm2 --store /srv/backups/libvirt --compress"],
};

/**
 * Checks everything that can be checked without asking a host.
 * @throws BackupError `usage` naming every problem at once.
 */
export async function readBackupRequest(args: Extract<Arguments, { kind: "run" }>): Promise<BackupRequest> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const reading = readSettings(sources);
  if ("problems" in reading) throw usage("backup", reading.problems.map(describeProblem).join("; "));
  const { settings } = reading;
  if (args.targets.length === 0) throw usage("backup", "No target given: name a HOST or HOST/VM to back up");
  const vmNames = args.extra["vmDomain"] ?? [];
  const newName = args.extra["newVmDomainName"]?.at(-1);
  const targets = readTargets("backup", args.targets, settings);
  if (newName !== undefined) checkNewName(newName, { targets, vmNames });
  if (vmNames.length > 0 && targets.some(({ vm }) => vm !== undefined))
    throw usage(
      "backup",
      "--vm-domain chooses VMs of a HOST, and a target names a VM already: give one or the other",
    );
  await checkSshConfig("backup", settings.sshConfig);
  return { settings, targets, vmNames, newName };
}

function checkNewName(
  newName: string,
  { targets, vmNames }: { readonly targets: readonly Target[]; readonly vmNames: readonly string[] },
): void {
  const isOneVm =
    targets.length === 1 && (targets[0]?.vm !== undefined ? vmNames.length === 0 : vmNames.length === 1);
  if (!isOneVm)
    throw usage(
      "backup",
      "--new-vm-domain-name fits one VM only: name it as HOST/VM or with one --vm-domain",
    );
  // libvirt refuses a slash, and names of white space only (virDomainDefPostParse).
  if (/[/\n\0]/.test(newName) || newName.trim() === "")
    throw usage("backup", `${JSON.stringify(newName)} cannot be the name of a VM`);
}
