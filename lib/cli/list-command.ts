// `virtfold list`: what is in the store.

import { basename } from "node:path";
import { loadSettingTexts } from "../config/load.ts";
import { listRows, type StoreRow } from "../store/list-rows.ts";
import { openStore } from "../store/store.ts";
import { formatBytes } from "../report/format.ts";
import { plainTable } from "../report/plain-table.ts";
import { quoted } from "../report/wording.ts";
import { readArguments, type CommandShape } from "./arguments.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { toolVersion } from "../config/tool.ts";
import { usage } from "./usage.ts";

const listShape: CommandShape = {
  name: "list",
  summary: "Shows what is in the store. Asks no host and changes nothing.",
  argument: { name: "target", meaning: "HOST or HOST/VM; without one, everything" },
  flags: [],
  examples: ["--store /srv/backups/libvirt", "kvm1/ubuntu20"],
};

/** Prints a row for each backup, and for whatever else lies where backups should be. */
export async function listCommand(argv: readonly string[]): Promise<ExitCode> {
  const args = readArguments(listShape, toolVersion, argv);
  if (args.kind === "end") return args.exitCode;
  const directory = [args.texts, ...(await loadSettingTexts(process.cwd()))].find(
    (texts) => texts.store,
  )?.store;
  if (directory === undefined)
    throw usage("list", "--store (or VIRTFOLD_STORE) is missing: folder that holds the backups");
  const store = await openStore(directory, { access: "read" });
  const rows: StoreRow[] = [];
  for (const target of args.targets.length === 0 ? [""] : args.targets) {
    // A host's name holds no slash; a VM's may, and is taken as a whole.
    const [host, ...vm] = target.split("/");
    const entries = await store.listBackups(
      host === "" ? undefined : host,
      vm.length === 0 ? undefined : vm.join("/"),
    );
    rows.push(...listRows(entries));
  }
  const wanted = args.targets.length === 0 ? "" : ` of ${args.targets.map(quoted).join(", ")}`;
  console.log(rows.length === 0 ? `No backups${wanted} in ${store.directory}` : table(rows));
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
