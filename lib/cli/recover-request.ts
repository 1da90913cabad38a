// What `virtfold recover` was asked for: flags, environment and .env → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import { overlayDirectoryOf, type HostRequest } from "../config/host-request.ts";
import { readSomeSettings } from "../config/settings.ts";
import type { RecoverRequest } from "../fleet/recover-hosts.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { hostRequests } from "./host-requests.ts";
import { openInventory } from "./open-inventory.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { usage } from "./usage.ts";

/** The flags of `recover`. */
export const recoverShape: CommandShape = {
  name: "recover",
  summary:
    "Finds what dead backups left on hosts (overlays, block jobs, frozen guests, journals) and in the store, and puts it right.\n" +
    "A backup that is at work is left alone. Nothing is deleted that may hold data found nowhere else.",
  argument: {
    name: "target",
    meaning:
      "HOST, HOST/VM, user@address:port[/VM], a GROUP, tag:NAME or a pattern; without one, the inventory",
  },
  flags: [
    { flags: "--dry-run", meaning: "only show what would be done; change nothing" },
    { flags: "--json", meaning: "print events as JSON on standard output, one per line", setting: "json" },
    {
      flags: "--overlay-dir <dir>",
      meaning: "a folder on the hosts to look through for overlays as well",
      setting: "overlayDirectory",
    },
  ],
  examples: [
    "kvm1 kvm2",
    "root@kvm7/ubuntu20 --dry-run",
    "kvm1 --json --quiet",
    "kvm1 --store /srv/backups/libvirt",
  ],
  exitCodeHelp: `
With --store the folders that dead backups left in the store are removed too.
Ctrl-C stops waiting; what a host has begun it finishes by itself.

Exit codes:
  0    nothing is left that a person must see to (with --dry-run: or would be)
  1    a bug in virtfold
  2    usage or configuration
  3    a host or a VM could not be asked, or the store not be looked through
  4    something needs a person: the sentences name the commands
  130  interrupted
`,
};

const settingsOfRecover = ["store", "sshConfig", "overlayDirectory", "json", "quiet", "verbose"] as const;

/** A checked request, and how much is to be shown of carrying it out. */
export interface ShownRecoverRequest extends RecoverRequest {
  /** Whether events go to standard output, and no summary. */
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
}

/** Checks everything that can be checked without asking a host. @throws BackupError `usage` or `inventory-bad`. */
export async function readRecoverRequest(
  args: Extract<Arguments, { kind: "run" }>,
): Promise<ShownRecoverRequest> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const inventory = await openInventory(sources);
  const reading = readSomeSettings(settingsOfRecover, [...sources, inventory.run]);
  if ("problems" in reading) throw usage("recover", reading.problems.map(describeProblem).join("; "));
  const { store, sshConfig, json, quiet, verbose } = reading.settings;
  const isStoreAlone = args.targets.length === 0 && inventory.hosts.length === 0 && store !== undefined;
  const purpose = "to look at, or give --store to clean up the store alone";
  const wishes = { targets: args.targets, inventory, sources, vmNames: [], purpose };
  const hosts = isStoreAlone ? [] : hostRequests("recover", wishes);
  refuseUnsupported("recover", hosts);
  await checkSshConfig("recover", sshConfig);
  return {
    hosts: hosts.map(hostToRecover),
    store,
    sshConfig,
    isDryRun: "dryRun" in args.extra,
    isJson: json === true,
    isQuiet: quiet === true,
    isVerbose: verbose === true,
  };
}

function hostToRecover(request: HostRequest): RecoverRequest["hosts"][number] {
  const vms = request.vms?.map(({ text }) => text);
  return { host: request.host, vms, overlayDirectoryOf: overlayDirectoryOf(request) };
}
