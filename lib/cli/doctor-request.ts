// What `virtfold doctor` was asked for: flags, environment and .env → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import { readSettingsOfPlan } from "../config/settings.ts";
import type { ExamineRequest } from "../fleet/examine-fleet.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { hostRequests } from "./host-requests.ts";
import { openInventory } from "./open-inventory.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { usage } from "./usage.ts";

/** The flags of `doctor`. */
export const doctorShape: CommandShape = {
  name: "doctor",
  summary:
    "Looks for what a backup needs: hosts and the ways there, programs and their faults,\n" +
    "rights, room, each VM, and with --store the store. Says what to do about what it finds. Changes nothing\n" +
    "(with --canary nothing that stays).",
  argument: {
    name: "target",
    meaning:
      "HOST, HOST/VM, user@address:port[/VM], a GROUP, tag:NAME or a pattern; without one, the inventory",
  },
  flags: [
    {
      flags: "--quiesce <mode>",
      meaning: "as for backup: with never, guest agents are not asked; with require, each VM needs one",
      setting: "quiesce",
    },
    {
      flags: "--overlay-dir <dir>",
      meaning: "folder on the hosts that overlays would be in, instead of beside each image",
      setting: "overlayDirectory",
    },
    {
      flags: "--canary",
      meaning:
        "also try it: start a scratch VM on each host, paused and with a disk of 1 MiB, snapshot it, commit that, remove it all",
    },
    { flags: "--json", meaning: "the findings as one JSON document on standard output", setting: "json" },
  ],
  examples: ["root@kvm7", "kvm1 kvm2 --store ./backups", "kvm1 --canary", "kvm1 --json"],
  exitCodeHelp: `
With --verbose what is as it should be is told at length, too.

Exit codes:
  0    nothing wrong (perhaps notes)
  1    a bug in virtfold
  2    usage or configuration
  3    problems: a host could not be asked, or some VM would not be backed up
  4    something needs a person: the sentences name the commands
  5    warnings: some backup would be less than whole, or something waits to be put right
  130  interrupted
`,
};

/** Checks everything that can be checked without asking a host. @throws BackupError `usage` or `inventory-bad`. */
export async function readDoctorRequest(
  args: Extract<Arguments, { kind: "run" }>,
): Promise<ExamineRequest & { readonly isJson: boolean }> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const inventory = await openInventory(sources);
  const reading = readSettingsOfPlan([...sources, inventory.run]);
  if ("problems" in reading) throw usage("doctor", reading.problems.map(describeProblem).join("; "));
  const { store, sshConfig, json } = reading.settings;
  const isStoreAlone = args.targets.length === 0 && inventory.hosts.length === 0 && store !== undefined;
  const purpose = "to look at, or give --store to look at the store alone";
  const wishes = { targets: args.targets, inventory, sources, vmNames: [], purpose };
  const hosts = isStoreAlone ? [] : hostRequests("doctor", wishes);
  refuseUnsupported("doctor", hosts);
  await checkSshConfig("doctor", sshConfig);
  return { hosts, store, sshConfig, hasCanary: "canary" in args.extra, isJson: json };
}
