// `virtfold list`: what is in the store.

import { basename } from "node:path";
import { readSomeSettings } from "../config/settings.ts";
import { toolVersion } from "../config/tool.ts";
import { formatBytes, formatSeconds } from "../report/format.ts";
import { plainTable } from "../report/plain-table.ts";
import { quoted } from "../report/wording.ts";
import { listDocument } from "../store/list-document.ts";
import { listRows, type StoreRow } from "../store/list-rows.ts";
import { openStore } from "../store/store.ts";
import { readArguments, type CommandShape } from "./arguments.ts";
import { describeProblem } from "./describe-problem.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { findStored } from "./find-stored.ts";
import { findStorePlace } from "./open-stored.ts";
import { usage } from "./usage.ts";

/** The flags of `list`. */
export const listShape: CommandShape = {
  name: "list",
  summary: "Shows what is in the store. Asks no host and changes nothing.",
  argument: {
    name: "target",
    meaning: "HOST, HOST/VM, a GROUP or tag:NAME; both sides may be patterns; without one, everything",
  },
  flags: [{ flags: "--json", meaning: "print one JSON document instead of the table", setting: "json" }],
  examples: [
    "--store /srv/backups/libvirt",
    "kvm1/ubuntu20",
    "--json | jq '.backups[] | select(.state != \"good\")'",
  ],
  exitCodeHelp: `
Exit codes:
  0    the table was shown, or the store is empty
  1    a bug in virtfold
  2    usage or configuration, also a target of which the store has nothing
`,
};

/** Prints a row for each backup, and for whatever else lies where backups should be. */
export async function listCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(listShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const { directory, inventory, sources } = await findStorePlace("list", args);
  const reading = readSomeSettings(["json"], sources);
  if ("problems" in reading) throw usage("list", reading.problems.map(describeProblem).join("; "));
  const store = await openStore(directory, { access: "read" });
  const { targets } = args;
  const rows = listRows(await findStored(store, { command: "list", targets, inventory }));
  const wanted = targets.length === 0 ? "" : ` of ${targets.map(quoted).join(", ")}`;
  if (reading.settings.json === true)
    console.log(JSON.stringify(listDocument(rows, { store: store.directory, at: new Date() }), undefined, 2));
  else console.log(rows.length === 0 ? `No backups${wanted} in ${store.directory}` : table(rows));
  return exitCodes.ok;
}

function table(rows: readonly StoreRow[]): string {
  const head = [
    "HOST",
    "VM",
    "WHEN (UTC)",
    "DISKS",
    "SIZE",
    "STORED",
    "CONSISTENCY",
    "VERIFIED",
    "DRILLED",
    "STATE",
  ];
  return plainTable(
    head,
    rows.map((row) => [
      row.host,
      row.vm,
      // What has no time is found by its name.
      row.startedAt?.toISOString().slice(0, 19).replace("T", " ") ?? basename(row.path),
      row.disks === undefined ? "-" : String(row.disks),
      row.apparentBytes === undefined ? "-" : formatBytes(row.apparentBytes),
      row.storedBytes === undefined ? "-" : formatBytes(row.storedBytes),
      row.consistency ?? "-",
      row.verified === undefined ? "-" : row.verified.at.toISOString().slice(0, 10),
      drilledText(row.drilled),
      row.problem === undefined ? row.state : `${row.state} (${row.problem.kind})`,
    ]),
  );
}

/** The day and how long it took, or that it did not boot. */
function drilledText(drilled: StoreRow["drilled"]): string {
  if (drilled === undefined) return "-";
  const day = drilled.at.toISOString().slice(0, 10);
  if (drilled.state === "failed") return `${day} failed`;
  return drilled.rtoSeconds === undefined ? day : `${day} ${formatSeconds(drilled.rtoSeconds)}`;
}
