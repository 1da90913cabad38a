// `virtfold prune`: applies the retention policy.

import { settingsFor } from "../config/host-request.ts";
import { keepPeriods } from "../model/retention.ts";
import { keepRules, keepSettingName } from "../config/keep-settings.ts";
import type { SettingTexts } from "../config/settings.ts";
import { readSomeSettings } from "../config/settings.ts";
import { toolVersion } from "../config/tool.ts";
import { noVmRules, rulesFor } from "../config/vm-rules.ts";
import { inLockedStore } from "../fleet/in-locked-store.ts";
import { pruneStore, type Policy } from "../fleet/prune-store.ts";
import { listenForStop } from "../fleet/stop.ts";
import type { Pruned } from "../model/pruning.ts";
import { pruneDocument } from "../report/prune-schema.ts";
import { pruneText } from "../report/prune-text.ts";
import { openStore, type Store } from "../store/store.ts";
import { sweepLeftovers } from "../store/sweep-leftovers.ts";
import { readArguments, type CommandShape } from "./arguments.ts";
import { checkSettings } from "./check-settings.ts";
import { describeProblem } from "./describe-problem.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { findStored } from "./find-stored.ts";
import { keepFlags } from "./keep-flags.ts";
import { findStorePlace, type StoredPlace } from "./open-stored.ts";
import { usage } from "./usage.ts";

/** The flags of `prune`. */
export const pruneShape: CommandShape = {
  name: "prune",
  summary:
    "Removes the backups that the retention policy does without, and says of each why it stays or goes.\n" +
    "The newest, the newest whole one, and what is being read stay in any case; what is broken or damaged is neither counted\n" +
    "nor removed. The policy is that of the flags, the environment or the inventory; where there is none, nothing is removed.",
  argument: {
    name: "target",
    meaning: "HOST, HOST/VM, a GROUP or tag:NAME; both sides may be patterns; without one, the whole store",
  },
  flags: [
    { flags: "--dry-run", meaning: "only show what would be done; change nothing" },
    { flags: "--json", meaning: "print one JSON document instead of the table", setting: "json" },
    ...keepFlags,
  ],
  examples: ["--keep-daily 7 --keep-weekly 4 --keep-monthly 12 --dry-run", "kvm1/ubuntu20 --max-backups 3"],
  exitCodeHelp: `
Exit codes:
  0    the policy is applied (with --dry-run: was shown)
  1    a bug in virtfold
  2    usage or configuration; also when nothing says how many backups to keep
  3    a backup could not be removed
  11   a backup into the same store, or another prune, is under way
  130  interrupted; each backup is there whole or gone
`,
};

const retentionNames = ["maxBackups", ...keepPeriods.map(keepSettingName)] as const;

/** Applies the policy; prints every decision; gives the exit code. */
export async function pruneCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(pruneShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const isDryRun = "dryRun" in args.extra;
  const place = await findStorePlace("prune", args, { needsInventory: true });
  checkSettings("prune", place.sources);
  const reading = readSomeSettings([...retentionNames, "json"], place.sources);
  if ("problems" in reading) throw usage("prune", reading.problems.map(describeProblem).join("; "));
  if (args.texts.maxBackups !== undefined && keepRules(reading.settings))
    if (keepPeriods.some((period) => args.texts[keepSettingName(period)] !== undefined))
      throw usage("prune", "--max-backups and --keep-… are two ways to say it: give one or the other");

  const all: Pruned[] = [];
  const stop = listenForStop(
    () => {},
    () => process.exit(exitCodes.interrupted),
  );
  const prune = async (store: Store): Promise<void> => {
    const entries = await findStored(store, {
      command: "prune",
      targets: args.targets,
      inventory: place.inventory,
    });
    const policyFor = (host: string, vm: string): Policy | undefined => findPolicy(place, host, vm);
    const { signal } = stop;
    requirePolicy(entries, policyFor);
    // What an earlier removal that died left behind.
    if (!isDryRun) await sweepLeftovers(entries.filter(({ kind }) => kind === "deleting"));
    const rest = isDryRun ? entries : entries.filter(({ kind }) => kind !== "deleting");
    const onPruned = (pruned: Pruned): void => void all.push(pruned);
    await pruneStore(store, rest, { policyFor, now: new Date(), isDryRun, signal, onPruned });
  };
  try {
    if (isDryRun) await prune(await openStore(place.directory, { access: "read" }));
    else await inLockedStore(place.directory, prune);
  } catch (error) {
    // What was done by then is told before what ended it.
    if (all.length > 0 && reading.settings.json !== true) console.log(pruneText(all));
    throw error;
  } finally {
    stop.release();
  }
  const exitCode = pruneExitCode(all, stop.signal.aborted);
  const run = { store: place.directory, isDryRun, exitCode, at: new Date() };
  if (reading.settings.json === true) console.log(JSON.stringify(pruneDocument(all, run), undefined, 2));
  else console.log(all.length === 0 ? "Nothing to prune" : pruneText(all));
  return exitCode;
}

function pruneExitCode(all: readonly Pruned[], wasStopped: boolean): ExitCode {
  if (wasStopped) return exitCodes.interrupted;
  return all.some(({ fate }) => fate === "failed") ? exitCodes.someFailed : exitCodes.ok;
}

/** What is said of a VM, by whoever has precedence; undefined when nobody says anything. */
function findPolicy({ inventory, sources }: StoredPlace, host: string, vm: string): Policy | undefined {
  const known = inventory.hosts.find(({ name }) => name === host);
  const rules = known?.vms ?? noVmRules;
  const after = [known?.settings ?? inventory.defaults, inventory.run];
  const said: readonly SettingTexts[] = [
    ...sources,
    ...rulesFor(rules, vm).map(({ settings }) => settings),
    ...after,
  ];
  if (!said.some((texts) => retentionNames.some((name) => texts[name] !== undefined))) return undefined;
  const settings = settingsFor({ rules, before: sources, after }, vm);
  // On the command line --max-backups takes the place of whatever rules the inventory has.
  const isOverruled = sources[0]?.maxBackups !== undefined;
  return { maxBackups: settings.maxBackups, keep: isOverruled ? undefined : keepRules(settings) };
}

function requirePolicy(
  entries: readonly { readonly host: string; readonly vm: string }[],
  policyFor: (host: string, vm: string) => Policy | undefined,
): void {
  if (entries.length === 0 || entries.some(({ host, vm }) => policyFor(host, vm) !== undefined)) return;
  throw usage(
    "prune",
    "Nothing says how many backups to keep: give --keep-daily and the like, or --max-backups, or set keep_daily or max_backups in the inventory",
  );
}
