// What a backup would do to one VM, line by line.

import { backupOf, type PlannedBackup, type PlannedVm } from "../model/fleet-plan.ts";
import type { OverlaySpace, BootFilePlan, DiskPlan, LayerPlan } from "../model/plan.ts";
import { failureLine } from "./describe-failure.ts";
import { describeDegradation, describeSkip, describeWarning } from "./describe-warning.ts";
import { formatBytes } from "./format.ts";
import { describePlannedCommand } from "./describe-planned-command.ts";
import { harmless, words } from "./wording.ts";

/** The lines of one VM; with its commands when they are wanted. */
export function planDetails(
  planned: PlannedVm,
  { isVerbose }: { readonly isVerbose: boolean },
): readonly string[] {
  const { host, vm, fate } = planned;
  const backup = backupOf(planned);
  const place = `${harmless(host)}/${harmless(vm)}`;
  if (fate.kind === "refused") return [place, `  ! ${failureLine(host, fate.reason)}`];
  const left = fate.kind === "restore-first" ? fate.backupId : undefined;
  return [
    backup === undefined ? place : `${place}: ${harmless(backup.plan.facts.state)}, ${expectation(backup)}`,
    ...(left === undefined
      ? []
      : [`  ! Backup ${harmless(left)} died and left something; that is restored first`]),
    ...(backup === undefined
      ? ["  What would be copied can be told when that is done"]
      : [...backupLines(backup), ...(isVerbose ? commandLines(planned, backup) : [])]),
  ];
}

/** What a guest would find when it starts from the copy, and whether the guest agent has a part in it. */
function expectation({ consistency, whyNotFilesystem, plan }: PlannedBackup): string {
  if (consistency === "offline") return "copied as it lies";
  if (consistency === "crash") return `copied as after a power cut (${harmless(whyNotFilesystem ?? "")})`;
  return plan.facts.domain.agentConnected === true
    ? "file systems frozen by the guest agent (connected)"
    : "file systems frozen by the guest agent if it answers";
}

function backupLines(backup: PlannedBackup): readonly string[] {
  const { plan, degradedBy } = backup;
  const { skippedDisks, snapshots, bootFiles, warnings, limits } = plan;
  const harmlessSkips = skippedDisks.filter(({ losesData }) => !losesData);
  const mereWarnings = warnings.filter(
    (warning) => !degradedBy.some((degradation) => degradation === warning),
  );
  const names = snapshots.map(({ name }) => name);
  return [
    ...plan.disks.flatMap(diskLines),
    ...harmlessSkips.map((disk) => `  - ${describeSkip(disk)}`),
    ...bootFiles.map(bootFileLine),
    ...(names.length === 0 ? [] : [words`  - With its internal snapshots: ${names}`]),
    `  - Needs ${formatBytes(backup.copyBytes)} in the store`,
    ...backup.overlaySpace.map((space) => spaceLine(space, limits.reserveBytes)),
    ...mereWarnings.map((warning) => `  - ${describeWarning(warning)}`),
    ...degradedBy.map((degradation) => `  ! Degraded: ${describeDegradation(degradation)}`),
  ];
}

function diskLines({ target, layers: [own, ...below], overlayPath }: DiskPlan): readonly string[] {
  const name = harmless(target);
  return [
    `  ${name}  ${sizes(own)}`,
    `       ${harmless(own.path, Infinity)}`,
    ...below.flatMap((layer) => [`       on ${sizes(layer)}`, `       ${harmless(layer.path, Infinity)}`]),
    ...(overlayPath === undefined
      ? []
      : ["       writes go meanwhile to", `       ${harmless(overlayPath, Infinity)}`]),
  ];
}

function sizes({ format, source, virtualBytes, allocatedBytes }: LayerPlan): string {
  const device = source === "block" ? " on a block device" : "";
  return `${format}${device}, ${formatBytes(virtualBytes)}, ${formatBytes(allocatedBytes)} allocated`;
}

function bootFileLine({ role, path }: BootFilePlan): string {
  return `  - With its ${role}: ${harmless(path, Infinity)}`;
}

function spaceLine({ directory, neededBytes, freeBytes }: OverlaySpace, reserveBytes: number): string {
  const free = formatBytes(freeBytes ?? 0);
  const [needed, reserve] = [formatBytes(neededBytes), formatBytes(reserveBytes)];
  return words`  - Room for overlays in ${directory}: ${{ raw: free }} free, ${{ raw: needed }} wanted, ${{ raw: reserve }} kept free`;
}

function commandLines({ host }: PlannedVm, { commands }: PlannedBackup): readonly string[] {
  return [
    "  Commands (not for typing: the guard looks before each of its own):",
    ...commands.map((command) => `    ${describePlannedCommand(host, command)}`),
  ];
}
