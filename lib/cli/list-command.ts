// `virtfold list`: what is in the store.

import { basename } from "node:path";
import { isGlob, matchesGlob } from "../config/glob.ts";
import { noInventory } from "../config/inventory.ts";
import { loadSettingTexts } from "../config/load.ts";
import type { StoreEntry } from "../store/backup-entry.ts";
import { listRows, type StoreRow } from "../store/list-rows.ts";
import { openStore } from "../store/store.ts";
import { formatBytes } from "../report/format.ts";
import { plainTable } from "../report/plain-table.ts";
import { quoted } from "../report/wording.ts";
import { readArguments, type CommandShape } from "./arguments.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { toolVersion } from "../config/tool.ts";
import { openInventory } from "./open-inventory.ts";
import { storedTargets } from "./stored-targets.ts";
import { usage } from "./usage.ts";

const listShape: CommandShape = {
  name: "list",
  summary: "Shows what is in the store. Asks no host and changes nothing.",
  argument: {
    name: "target",
    meaning: "HOST, HOST/VM, a GROUP or tag:NAME; both sides may be patterns; without one, everything",
  },
  flags: [],
  examples: ["--store /srv/backups/libvirt", "kvm1/ubuntu20"],
  exitCodeHelp: `
Exit codes:
  0    the table was shown, or there are no such backups
  1    a bug in virtfold
  2    usage or configuration
`,
};

/** Prints a row for each backup, and for whatever else lies where backups should be. */
export async function listCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(listShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const sources = [args.texts, ...(await loadSettingTexts(process.cwd()))];
  const given = sources.find(({ store }) => store)?.store;
  // What lies in the store is looked at without an inventory, as long as nothing of it is needed.
  const inventory =
    given === undefined || args.targets.length > 0 ? await openInventory(sources) : noInventory;
  const directory = given ?? inventory.run.store;
  if (directory === undefined)
    throw usage("list", "--store (or VIRTFOLD_STORE) is missing: folder that holds the backups");
  const store = await openStore(directory, { access: "read" });
  const rows = new Map<string, StoreRow>();
  for (const { host, vm } of storedTargets(args.targets, inventory)) {
    const isPattern = [host, vm].some((text) => text !== undefined && isGlob(text));
    const entries = isPattern ? await store.listBackups() : await store.listBackups(host, vm);
    const fits = (entry: StoreEntry): boolean =>
      !isPattern || (matchesGlob(host ?? "*", entry.host) && (vm === undefined || matchesGlob(vm, entry.vm)));
    for (const row of listRows(entries.filter(fits))) rows.set(row.path, row);
  }
  const wanted = args.targets.length === 0 ? "" : ` of ${args.targets.map(quoted).join(", ")}`;
  console.log(rows.size === 0 ? `No backups${wanted} in ${store.directory}` : table([...rows.values()]));
  return exitCodes.ok;
}

function table(rows: readonly StoreRow[]): string {
  const head = ["HOST", "VM", "WHEN (UTC)", "DISKS", "VIRTUAL", "STORED", "CONSISTENCY", "STATE"];
  return plainTable(
    head,
    rows.map((row) => [
      row.host,
      row.vm,
      // What has no time is found by its name.
      row.startedAt?.toISOString().slice(0, 19).replace("T", " ") ?? basename(row.path),
      row.disks === undefined ? "-" : String(row.disks),
      row.virtualBytes === undefined ? "-" : formatBytes(row.virtualBytes),
      row.storedBytes === undefined ? "-" : formatBytes(row.storedBytes),
      row.consistency ?? "-",
      row.problem === undefined ? row.state : `${row.state} (${row.problem.kind})`,
    ]),
  );
}
