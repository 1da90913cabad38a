// What `virtfold recover` was asked for: flags, environment and .env → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import { readSomeSettings, settingRules } from "../config/settings.ts";
import type { RecoverRequest } from "../fleet/recover-hosts.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { readTargets } from "./read-targets.ts";
import { usage } from "./usage.ts";

/** The flags of `recover`. */
export const recoverShape: CommandShape = {
  name: "recover",
  summary:
    "Finds what dead backups left on hosts (overlays, block jobs, frozen guests, journals) and in the store, and puts it right.\n" +
    "A backup that is at work is left alone. Nothing is deleted that may hold data found nowhere else.",
  argument: {
    name: "target",
    meaning: "HOST, HOST/VM, or user@address:port[/VM]; a host alone means all its VMs",
  },
  flags: [
    { flags: "--dry-run", meaning: "only show what would be done; change nothing" },
    {
      flags: "--overlay-dir <dir>",
      meaning: "a folder on the hosts to look through for overlays as well",
      setting: "overlayDirectory",
    },
  ],
  examples: ["kvm1 kvm2", "root@kvm7/ubuntu20 --dry-run", "kvm1 --store /srv/backups/libvirt"],
  exitCodeHelp: `
With --store the folders that dead backups left in the store are removed too.
Ctrl-C stops waiting; what a host has begun it finishes by itself.

Exit codes:
  0    nothing is left that a person must see to (with --dry-run: or would be)
  1    a bug in virtfold
  2    usage or configuration
  3    a host or a VM could not be asked
  4    something needs a person: the sentences name the commands
  130  interrupted
`,
};

const settingsOfRecover = ["store", "sshConfig", "uri", "sudo", "overlayDirectory"] as const;

/** Checks everything that can be checked without asking a host. @throws BackupError `usage`. */
export async function readRecoverRequest(args: Extract<Arguments, { kind: "run" }>): Promise<RecoverRequest> {
  const reading = readSomeSettings(settingsOfRecover, [
    args.texts,
    ...(await loadSettingTexts(process.cwd())),
  ]);
  if ("problems" in reading) throw usage("recover", reading.problems.map(describeProblem).join("; "));
  const {
    store,
    sshConfig,
    overlayDirectory,
    uri = settingRules.uri.fallback ?? "",
    sudo = false,
  } = reading.settings;
  if (args.targets.length === 0 && store === undefined)
    throw usage(
      "recover",
      "No target given: name each HOST or HOST/VM to look at, since there is no inventory yet; or give --store to clean up the store alone",
    );
  await checkSshConfig("recover", sshConfig);
  const targets = readTargets("recover", args.targets, { uri, sudo });
  return { targets, store, sshConfig, overlayDirectory, isDryRun: "dryRun" in args.extra };
}
