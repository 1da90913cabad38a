// What `virtfold init` was asked for: flags, environment and .env → a checked request.

import { resolve } from "node:path";
import { draftHost, type DraftHost, type DraftProblem } from "../config/draft-host.ts";
import { loadSettingTexts } from "../config/load.ts";
import { readSomeSettings, type SettingTexts } from "../config/settings.ts";
import { unreachable } from "../model/unreachable.ts";
import { quoted } from "../report/wording.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { findInitFiles, type InitFiles } from "./init-files.ts";
import { usage } from "./usage.ts";

/** A checked request for an inventory. */
export interface InitRequest {
  /** Those named on the command line; empty when they are to be asked for. */
  readonly hosts: readonly DraftHost[];
  /** The folder for backups, absolute; undefined when it is to be asked for. */
  readonly store: string | undefined;
  readonly sshConfig: string | undefined;
  readonly files: InitFiles;
  /** What the command line, the environment and .env say, the first before the others. */
  readonly sources: readonly SettingTexts[];
  readonly isDryRun: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
}

/** The flags of `init`. */
export const initShape: CommandShape = {
  name: "init",
  summary:
    "Makes an inventory: asks hosts for their VMs and writes hosts/inventory.yaml and .env.\n" +
    "Without a host it asks you for all it needs. Files that are there already are never overwritten.",
  argument: {
    name: "host",
    meaning: "HOST or user@address:port, as ssh knows it; without one, questions on the terminal",
  },
  flags: [{ flags: "--dry-run", meaning: "only show what would be written" }],
  examples: ["", "root@kvm7 --store /srv/backups/libvirt", "kvm1 kvm2 backup@10.0.0.7:2222 --sudo --dry-run"],
  exitCodeHelp: `
--inventory FILE writes another file than hosts/inventory.yaml. A host that cannot be asked is written down all the
same, with the reason beside it; when no host can be asked, nothing is written. Hosts are not changed.

Exit codes:
  0    the files were written (or shown), and every host could be asked
  1    a bug in virtfold
  2    usage or configuration, also a file that is there already
  3    a host could not be asked
  130  interrupted, nothing written
`,
};

/** Checks everything that can be checked without asking a host or a person. @throws BackupError `usage`. */
export async function readInitRequest(
  args: Extract<Arguments, { kind: "run" }>,
  { canAsk }: { readonly canAsk: boolean },
): Promise<InitRequest> {
  const directory = process.cwd();
  const sources = [args.texts, ...(await loadSettingTexts(directory))];
  const reading = readSomeSettings(
    ["store", "sshConfig", "inventory", "uri", "sudo", "quiet", "verbose"],
    sources,
  );
  if ("problems" in reading) throw usage("init", reading.problems.map(describeProblem).join("; "));
  const { store, sshConfig, inventory, quiet, verbose } = reading.settings;
  const hosts = namedHosts(args.targets);
  if (hosts.length === 0 && !canAsk)
    throw usage(
      "init",
      "No host given, and there is no terminal to ask for one: name each HOST as ssh knows it, and the --store",
    );
  if (hosts.length > 0 && store === undefined)
    throw usage("init", "--store (or VIRTFOLD_STORE) is missing: folder that holds the backups");
  await checkSshConfig("init", sshConfig);
  const isDryRun = "dryRun" in args.extra;
  const files = await findInitFiles({ directory, inventory, hasStore: store !== undefined, isDryRun });
  return {
    hosts,
    store: store === undefined ? undefined : resolve(directory, store),
    sshConfig: sshConfig === undefined ? undefined : resolve(directory, sshConfig),
    ...{ files, sources, isDryRun, isQuiet: quiet === true, isVerbose: verbose === true },
  };
}

function namedHosts(targets: readonly string[]): readonly DraftHost[] {
  const hosts: DraftHost[] = [];
  const problems: DraftProblem[] = [];
  for (const text of targets) {
    const host = draftHost(text, hosts);
    if (host === undefined) continue;
    if ("kind" in host) problems.push(host);
    else hosts.push(host);
  }
  if (problems.length > 0) throw usage("init", problems.map(describeDraftProblem).join("; "));
  return hosts;
}

/** Why a text names no host that could be added. */
export function describeDraftProblem(problem: DraftProblem): string {
  const text = quoted(problem.text);
  switch (problem.kind) {
    case "unreadable":
      return `Cannot read host ${text}: it is not HOST or user@address:port`;
    case "vm-named":
      return `Cannot take ${text}: it names a VM, and an inventory begins with whole hosts`;
    case "named-twice":
      return `Cannot add ${text}: host ${quoted(problem.name)} is there already, reached in another way`;
    default:
      return unreachable(problem);
  }
}
