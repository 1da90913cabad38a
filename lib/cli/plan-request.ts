// What `virtfold plan`, or `virtfold backup --dry-run`, was asked for: flags, environment and .env → a checked request.

import { loadSettingTexts } from "../config/load.ts";
import { readSettingsOfPlan } from "../config/settings.ts";
import type { PlanRequest } from "../fleet/plan-backups.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { backupShape } from "./backup-request.ts";
import { describeProblem } from "./describe-problem.ts";
import { openInventory } from "./open-inventory.ts";
import { readChoice } from "./read-choice.ts";
import { usage } from "./usage.ts";

/** The flags of `plan`: those of the backup it is for. */
export const planShape: CommandShape = {
  name: "plan",
  summary:
    "Asks the hosts and shows what a backup would do: VMs, disks, what is left out and why, the room it needs.\n" +
    "Changes nothing, neither on hosts nor in the store. The same as `backup --dry-run`.",
  argument: backupShape.argument,
  flags: [
    ...backupShape.flags.filter(({ flags }) => !["--dry-run", "--json"].includes(flags)),
    { flags: "--json", meaning: "the plan as one JSON document on standard output", setting: "json" },
  ],
  examples: ["root@kvm7", "kvm1/ubuntu20 --store ./backups --verbose", "kvm1 kvm2 --json"],
  exitCodeHelp: `
Without --store nothing is said about its room. With --verbose also the commands that
would run on the hosts and here; names that hold a backup's ID differ each time.

Exit codes:
  0    everything would be backed up whole (some perhaps after their host was restored)
  1    a bug in virtfold
  2    usage or configuration
  3    some VM would not be backed up, or a host could not be asked, or the store is too small
  5    something of a VM, such as a disk, would be left out
  130  interrupted
`,
};

/** Checks everything that can be checked without asking a host. @throws BackupError `usage` or `inventory-bad`. */
export async function readPlanRequest(
  command: string,
  args: Extract<Arguments, { kind: "run" }>,
): Promise<PlanRequest> {
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const inventory = await openInventory(sources);
  const reading = readSettingsOfPlan([...sources, inventory.run]);
  if ("problems" in reading) throw usage(command, reading.problems.map(describeProblem).join("; "));
  const { settings } = reading;
  const { sshConfig } = settings;
  return { settings, ...(await readChoice(command, args, { inventory, sources, sshConfig })) };
}
