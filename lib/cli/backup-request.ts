// What `virtfold backup` was asked for: flags, environment, .env and inventory → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import type { Settings } from "../config/setting-rules.ts";
import { readSettings } from "../config/settings.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkHook } from "./check-hook.ts";
import { checkMetricsFile } from "./check-metrics-file.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { keepFlags } from "./keep-flags.ts";
import { openInventory } from "./open-inventory.ts";
import { readChoice, type Choice, type ChoiceSources } from "./read-choice.ts";
import { usage } from "./usage.ts";

/** A checked request for backups. */
export interface BackupRequest extends Choice {
  readonly settings: Settings;
  /** What the targets that failed in the last run are looked up in, when these are to be run again; then none are given. */
  readonly rerun: ChoiceSources | undefined;
}

/** The flags of `backup`. Those of the single-host script keep their names. */
export const backupShape: CommandShape = {
  name: "backup",
  summary: "Backs up running and shut-off VMs over SSH: snapshot, copy, fold back, publish, rotate.",
  argument: {
    name: "target",
    meaning:
      "HOST, HOST/VM, a GROUP, tag:NAME or user@address:port[/VM]; both sides may be patterns ('rack1-*/web*'); a host alone means all its VMs, no target the whole inventory",
  },
  flags: [
    { flags: "--backup-base-dir <dir>", meaning: "the same as --store", setting: "store" },
    { flags: "--vm-domain <name>", meaning: "only this VM of each host (repeatable)", isRepeatable: true },
    { flags: "--compress", meaning: "compress qcow2 images in the store", setting: "compress" },
    {
      flags: "--new-vm-domain-name <name>",
      meaning: "name of the VM in the XML for restoring (one VM only)",
    },
    ...keepFlags,
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
    {
      flags: "--bwlimit <rate>",
      meaning:
        "what each copy may take of the link a second, such as 20M; each VM copies one disk at a time, so that N VMs at once may take N times that (default: no limit)",
      setting: "bandwidthLimit",
    },
    {
      flags: "--transfer <mode>",
      meaning: "auto or direct: how disks are copied (default auto; staged is not supported yet)",
      setting: "transfer",
    },
    { flags: "--concurrency <n>", meaning: "VMs at once over all hosts (default 4)", setting: "concurrency" },
    {
      flags: "--json",
      meaning: "print events as JSON, one per line, and no summary (docs/unattended.md)",
      setting: "json",
    },
    {
      flags: "--rerun-failed",
      meaning: "back up what failed, or was not reached, in the last run into the store",
    },
    {
      flags: "--metrics-file <file>",
      meaning: "write metrics for Prometheus' textfile collector",
      setting: "metricsFile",
    },
    {
      flags: "--hook <program>",
      meaning: "run this before and after the run and each VM (docs/unattended.md)",
      setting: "hook",
    },
    {
      flags: "--hook-timeout <seconds>",
      meaning: "how long the hook may take each time (default 60)",
      setting: "hookTimeoutSeconds",
    },
    {
      flags: "--ping-url <url>",
      meaning: "tell a dead man's switch of each run (better VIRTFOLD_PING_URL: others see command lines)",
      setting: "pingUrl",
    },
    { flags: "--per-host <n>", meaning: "VMs at once on one host (default 1)", setting: "perHost" },
    { flags: "--dry-run", meaning: "only show what would be done, as `plan` does; change nothing" },
  ],
  examples: [
    "root@kvm7/ubuntu20 --store ./backups",
    "kvm1 kvm2 --store /srv/backups/libvirt --compress",
    "rack1 'kvm*/web*' --inventory hosts/inventory.yaml",
    "--rerun-failed",
  ],
};

/**
 * Checks everything that can be checked without asking a host.
 * @throws BackupError `usage` or `inventory-bad`, naming every problem at once.
 */
export async function readBackupRequest(args: Extract<Arguments, { kind: "run" }>): Promise<BackupRequest> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const inventory = await openInventory(sources);
  const reading = readSettings([...sources, inventory.run]);
  if ("problems" in reading) throw usage("backup", reading.problems.map(describeProblem).join("; "));
  const { settings } = reading;
  const { sshConfig } = settings;
  await checkMetricsFile(settings.metricsFile);
  await checkHook(settings.hook);
  const lookup = { inventory, sources, sshConfig };
  if (!("rerunFailed" in args.extra))
    return { settings, rerun: undefined, ...(await readChoice("backup", args, lookup)) };
  checkNothingChosen(args);
  await checkSshConfig("backup", sshConfig);
  return { settings, rerun: lookup, hosts: [], newName: undefined };
}

function checkNothingChosen({ targets, extra }: Extract<Arguments, { kind: "run" }>): void {
  if (targets.length > 0 || "vmDomain" in extra || "newVmDomainName" in extra)
    throw usage(
      "backup",
      "--rerun-failed takes its targets from the last run: give it no target, --vm-domain or --new-vm-domain-name",
    );
}
