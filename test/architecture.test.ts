// The import rules of lib/ and scripts/, checked. Whoever moves a file or adds a package changes a table here, and
// says with it what the new thing may know of.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import * as rules from "./support/architecture-rules.ts";
import { importGraph } from "./support/import-graph.ts";

const facts = ["lib/model/", "lib/shell/command.ts"];
const decisions = [...facts, "lib/hypervisor/", "lib/config/", "lib/plan/"];
/** What the store calls things and how it writes them down. */
const storeFormats = [
  "layout",
  "manifest",
  "name-files",
  "backup-entry",
  "verify-record",
  "record-text",
  "drill-record",
].map((name) => `lib/store/${name}.ts`);
const ports = "lib/backup/ports.ts";
const restorePorts = "lib/restore/ports.ts";
const adapters = ["lib/shell/", "lib/ssh/", "lib/transfer/", "lib/images/", "lib/guard/", "lib/store/"];

/**
 * `model ← shell/command ← hypervisor, config, plan ← doctor` decide; `ssh, transfer, images, guard, store ← backup,
 * restore ← fleet ← cli ← scripts` act; `report` knows only the model and commands.
 */
const directions: rules.Directions = {
  "lib/model/": [],
  "lib/shell/command.ts": ["lib/model/"],
  "lib/hypervisor/": facts,
  "lib/config/": [...facts, "package.json"],
  // Dynamic inventories are programs.
  "lib/config/read-inventory-file.ts": [...facts, "lib/config/", "lib/shell/"],
  "lib/config/load-inventory.ts": [...facts, "lib/config/"],
  "lib/plan/": [...decisions, ...storeFormats],
  "lib/doctor/": [...decisions, ...storeFormats],
  "lib/report/": facts,
  // The ports name what a backup is given; most of those who give it know the ports, none through a circle.
  [ports]: [...facts, "lib/guard/undo-action.ts", "lib/images/", "lib/store/"],
  "lib/guard/undo-action.ts": ["lib/model/"],
  "lib/shell/": [...facts, ports],
  "lib/ssh/": ["lib/model/", "lib/shell/", ports],
  [restorePorts]: [...facts, ports],
  "lib/transfer/": ["lib/model/", "lib/shell/", "lib/hypervisor/", "lib/ssh/", ports, restorePorts],
  "lib/images/": ["lib/model/", "lib/shell/", "lib/hypervisor/"],
  "lib/guard/": [...facts, "lib/hypervisor/", "lib/guard/undo-action.ts", ports],
  "lib/store/": facts,
  "lib/verify/": [...decisions, ...adapters],
  "lib/backup/": [...decisions, ...adapters, ports],
  "lib/restore/": [...decisions, ...adapters, ports, restorePorts],
  "lib/drill/": [...decisions, ...adapters, ports, "lib/restore/"],
  "lib/fleet/": [
    ...decisions,
    ...adapters,
    "lib/backup/",
    "lib/restore/",
    "lib/drill/",
    "lib/verify/",
    "lib/doctor/",
  ],
  "lib/cli/": ["lib/"],
  "scripts/": [
    "lib/",
    "scripts/testing/",
    "scripts/packaging/",
    "test/lab/",
    "test/faults/soak/",
    "test/bench/",
  ],
  "scripts/testing/": ["scripts/packaging/"],
  "scripts/packaging/": [],
};

/** What only decides: no file system, no process, no network, no clock of its own. */
const purity: rules.PurityRule = {
  pure: [
    ...["lib/model/", "lib/hypervisor/", "lib/plan/", "lib/doctor/", "lib/report/"],
    ...["lib/shell/command.ts", "lib/config/", ...storeFormats],
    ...["lib/guard/undo-action.ts", "lib/guard/journal.ts"],
  ],
  // These draw on a terminal, and read the environment and files.
  except: [
    "lib/report/progress-bars.ts",
    "lib/report/verify-bar.ts",
    ...["load", "load-inventory", "read-inventory-file"].map((name) => `lib/config/${name}.ts`),
  ],
  // Of node:crypto only createHash, says .oxlintrc.json.
  builtins: ["node:path", "node:path/posix", "node:util", "node:url", "node:buffer", "node:crypto"],
  packages: ["fast-xml-parser", "zod", "cli-table3", "string-width", "yaml"],
};

/** The one file that knows each third-party module. */
const owners = {
  "zx/core": ["lib/shell/run-local.ts"],
  "node-ssh": ["lib/ssh/connection.ts"],
  ssh2: ["lib/ssh/identities.ts"],
  "p-limit": ["lib/fleet/run-fleet.ts"],
  "fast-xml-parser": ["lib/hypervisor/xml-document.ts"],
  "cli-progress": ["lib/report/progress-bars.ts"],
  "cli-table3": ["lib/report/plain-table.ts"],
  "string-width": ["lib/report/fit-columns.ts"],
  // Searches what guests print in time that no pattern and no guest can stretch.
  re2js: ["lib/drill/serial-lines.ts"],
  dotenv: ["lib/config/load.ts"],
  // The lab is a program of its own.
  commander: ["lib/cli/arguments.ts", "scripts/lab.ts"],
  esbuild: ["scripts/packaging/bundler.ts"],
  // Formats that outlive a run and that others read: schema, check, type and published JSON Schema are one text each.
  zod: [
    ...[
      "lib/store/manifest.ts",
      "lib/store/verify-record.ts",
      "lib/store/drill-record.ts",
      "lib/store/list-document.ts",
      "lib/config/inventory-schema.ts",
    ],
    ...["lib/report/run-result-schema.ts", "lib/report/event-schema.ts", "lib/report/verify-schema.ts"],
    ...["lib/report/examination-schema.ts", "lib/report/recover-schema.ts", "lib/report/prune-schema.ts"],
  ],
  // What is read is anybody's and what is written is ours: nothing of one serves the other.
  yaml: ["lib/config/yaml-document.ts", "lib/config/inventory-text.ts"],
};

const top = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, top), "utf8");
const filesUnder = (folder: string): readonly string[] =>
  readdirSync(fileURLToPath(new URL(folder, top)), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name}`)
    .filter((path) => path.endsWith(".ts"));

const checked = new Map([...filesUnder("lib"), ...filesUnder("scripts")].map((path) => [path, read(path)]));
const graph = importGraph(checked);
/** tsx runs the TypeScript on Node 20; nothing imports it. */
const dependencies = Object.keys(
  (JSON.parse(read("package.json")) as { dependencies: object }).dependencies,
).filter((name) => name !== "tsx");

describe("the architecture", () => {
  const checks: readonly [name: string, violations: () => readonly string[]][] = [
    ["imports go in one direction", () => rules.wrongDirections(graph, directions)],
    ["what decides does not act", () => rules.impurities(graph, purity)],
    ["each third-party module is known to one file", () => rules.strayPackages(graph, owners, dependencies)],
    ["imports do not go round in circles", () => rules.circles(graph)],
    ["modules of the runtime are imported with node:", () => rules.unprefixedBuiltins(graph)],
    ["no file has more than 250 lines", () => rules.longFiles(checked, 250)],
    ["no test has more than 300 lines", () => rules.longFiles(tests(), 300)],
    ["the tables here speak of files that exist", () => rules.staleRows(checked.keys(), tablePlaces())],
  ];
  for (const [name, violations] of checks) it(name, () => assert.deepEqual(violations(), []));
});

function tests(): ReadonlyMap<string, string> {
  return new Map(filesUnder("test").map((path) => [path, read(path)]));
}

function tablePlaces(): readonly rules.Place[] {
  return [...Object.keys(directions), ...purity.pure, ...purity.except, ...Object.values(owners).flat()];
}
