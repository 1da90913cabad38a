// What `virtfold drill` was asked for: flags, environment, .env and inventory → a checked request.

import { settingsFor, type HostRequest } from "../config/host-request.ts";
import { readSomeSettings } from "../config/settings.ts";
import type { DrillOptions } from "../plan/plan-drill.ts";
import { isPlainPath } from "../plan/restore-folder.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { describeProblem } from "./describe-problem.ts";
import { hostRequests } from "./host-requests.ts";
import { findStorePlace, type StoredPlace } from "./open-stored.ts";
import { readExpectation } from "./read-expectation.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { usage } from "./usage.ts";

/** A checked request for drills. */
export interface DrillRequest extends StoredPlace {
  readonly targets: readonly string[];
  readonly oldest: number | undefined;
  readonly sshConfig: string | undefined;
  readonly isJson: boolean;
  readonly isDryRun: boolean;
  /** Where a backup of this host is booted. @throws BackupError `usage`. */
  readonly hostFor: (host: string) => HostRequest;
  readonly optionsFor: (request: HostRequest, vm: string) => DrillOptions;
}

/** The flags of `drill`. */
export const drillShape: CommandShape = {
  name: "drill",
  summary:
    "Proves that backups boot: starts a clone of each VM without a network, waits for a sign of life, notes how long that\n" +
    "took where list shows it, and removes every trace. Neither the backup nor the VM it was made of is touched.",
  argument: {
    name: "target",
    meaning:
      "HOST, HOST/VM, a GROUP, tag:NAME or a pattern (of each VM its newest good backup), each also with @WHEN; without one, the whole store",
  },
  flags: [
    { flags: "--on <host>", meaning: "boot on this host (default: the one each was backed up from)" },
    {
      flags: "--expect <sign>",
      meaning:
        "agent (default): the guest agent answers; serial:REGEX: a line of the serial console matches; port:N: something listens on TCP port N, says the agent",
    },
    {
      flags: "--timeout <seconds>",
      meaning: "how long to wait for it once the clone was started (default 300)",
    },
    { flags: "--oldest <n>", meaning: "only so many VMs, those first that were proved longest ago or never" },
    {
      flags: "--image-dir <dir>",
      meaning: "folder on the host in which each clone gets its own (default: where the images were)",
    },
    {
      flags: "--lease <seconds>",
      meaning: "a host that hears nothing for so long removes the clone by itself (default 120)",
      setting: "leaseSeconds",
    },
    {
      flags: "--bwlimit <rate>",
      meaning: "what each image may take of the link a second, such as 20M (default: no limit)",
      setting: "bandwidthLimit",
    },
    { flags: "--dry-run", meaning: "only show which would be drilled, and where" },
    { flags: "--json", meaning: "print one JSON document instead of the table", setting: "json" },
  ],
  examples: [
    "kvm1/ubuntu20 --on scratch1 --store /srv/backups/libvirt",
    "--oldest 3 --on scratch1 --quiet",
    "kvm1/router@2026-11-23-012500 --expect 'serial:login: *$' --timeout 600",
  ],
  exitCodeHelp: `
Exit codes:
  0    each of them booted (with --dry-run: was shown)
  1    a bug in virtfold
  2    usage or configuration
  3    one did not boot, or could not be drilled: the sentences say why
  4    a host needs a person (a clone could not be removed)
  130  interrupted; nothing of a clone is left
`,
};

/** Checks everything that can be checked without asking a host. @throws BackupError `usage` or `inventory-bad`. */
export async function readDrillRequest(args: Extract<Arguments, { kind: "run" }>): Promise<DrillRequest> {
  const place = await findStorePlace("drill", args, { needsInventory: true });
  const { inventory, sources } = place;
  const reading = readSomeSettings(
    ["sshConfig", "leaseSeconds", "bandwidthLimit", "json"],
    [...sources, inventory.run],
  );
  if ("problems" in reading) throw usage("drill", reading.problems.map(describeProblem).join("; "));
  const { sshConfig, json } = reading.settings;
  await checkSshConfig("drill", sshConfig);
  const on = last(args, "on");
  const asked = {
    expected: readExpectation(last(args, "expect")),
    timeoutSeconds: readCount(args, "timeout", 86_400) ?? 300,
    imageFolder: readFolder(args),
  };
  const hostFor = (host: string): HostRequest => oneHost(on ?? host, place);
  if (on !== undefined) hostFor(on);
  return {
    ...{ ...place, targets: args.targets, oldest: readCount(args, "oldest", 1_000_000), sshConfig },
    ...{ isJson: json ?? false, isDryRun: "dryRun" in args.extra, hostFor },
    optionsFor: (request, vm) => ({
      ...{ ...asked, leaseSeconds: settingsFor(request).leaseSeconds },
      bytesPerSecond: settingsFor(request, vm).bandwidthLimit,
    }),
  };
}

function last({ extra }: Extract<Arguments, { kind: "run" }>, name: string): string | undefined {
  return extra[name]?.at(-1);
}

function readCount(
  args: Extract<Arguments, { kind: "run" }>,
  name: "timeout" | "oldest",
  most: number,
): number | undefined {
  const text = last(args, name);
  if (text === undefined) return undefined;
  const count = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= most) return count;
  throw usage("drill", `--${name} cannot be ${JSON.stringify(text)}: a whole number of 1 to ${most}`);
}

function readFolder(args: Extract<Arguments, { kind: "run" }>): string | undefined {
  const folder = last(args, "imageDir");
  if (folder !== undefined && !isPlainPath(folder.replace(/(?<=.)\/+$/, "")))
    throw usage("drill", `--image-dir cannot be ${JSON.stringify(folder)}: it is no full path`);
  return folder;
}

function oneHost(name: string, { inventory, sources }: StoredPlace): HostRequest {
  const wishes = { targets: [name], inventory, sources, vmNames: [], purpose: "to boot on" };
  const requests = hostRequests("drill", wishes);
  refuseUnsupported("drill", requests);
  const [only, ...others] = requests;
  if (only === undefined || others.length > 0 || only.vms !== undefined)
    throw usage("drill", `${JSON.stringify(name)} is not one host: name the one to boot on with --on`);
  return only;
}
