// What was learned of one VM → what stands in the way of its backup, what that would miss, what to know.

import { settingsFor, type HostRequest } from "../config/host-request.ts";
import { tpmStatePath } from "../hypervisor/read-tpm.ts";
import type { Degradation } from "../model/event.ts";
import type { VmObstacle } from "../model/failure.ts";
import type { AgentState, Judgement } from "../model/finding.ts";
import type { Host } from "../model/host.ts";
import type { Recovery } from "../model/recovery.ts";
import type { VmFacts } from "../model/vm.ts";
import { findObstacles, includedDisks, isActive } from "../plan/check-vm.ts";
import { overlayDirectory } from "../plan/overlay-directory.ts";
import { plannedDegradations } from "../plan/planned-degradations.ts";
import { planWarnings } from "../plan/plan-warnings.ts";
import { skippedDisks } from "../plan/skipped-disks.ts";
import type { Surveyed } from "./host-checkup.ts";
import { judgeAt, type Judge } from "./judge.ts";

/** The findings of one VM; one that says that it is ready, when nothing else is found. */
export function judgeVm(
  vm: VmFacts,
  { request, surveyed }: { readonly request: HostRequest; readonly surveyed: Surveyed },
): readonly Judgement[] {
  const judge = judgeAt({ kind: "vm", host: request.host.name, vm: vm.name });
  const settings = settingsFor(request, vm.name);
  const found = [
    ...obstaclesOf(vm, surveyed, settings).map((obstacle) =>
      judge("problem", { kind: "obstacle", obstacle }),
    ),
    ...judgeAccess(vm, surveyed, { judge, configured: settings.overlayDirectory }),
    ...judgeContent(vm, { host: request.host, surveyed }, judge),
    ...(settings.quiesce === "never" ? [] : judgeAgent(vm, surveyed, judge)),
  ];
  const isReady =
    !surveyed.recoveries.some((recovery) => isOf(recovery, vm)) &&
    found.every(({ severity }) => severity === "ok" || severity === "note");
  if (!isReady) return found;
  return [judge("ok", { kind: "vm-ready", disks: includedDisks(vm).length }), ...found];
}

/** What a backup at work, or one that died, has made of a VM is not its own fault, and told of for itself. */
function obstaclesOf(
  vm: VmFacts,
  { facts, recoveries }: Surveyed,
  options: Parameters<typeof findObstacles>[2],
): readonly VmObstacle[] {
  const told = recoveries.filter((recovery) => isOf(recovery, vm));
  if (facts.guards.some(({ uuid }) => uuid === vm.uuid)) return [];
  return findObstacles(vm, facts, options).filter(({ kind }) => {
    if (kind === "own-overlay" || kind === "definition-differs") return told.length === 0;
    return kind !== "unusable-state" || !told.some((recovery) => recovery.kind === "paused-guest");
  });
}

function isOf(recovery: Recovery, { uuid }: VmFacts): boolean {
  if ("guard" in recovery) return recovery.guard.uuid === uuid;
  return recovery.kind !== "stray-file" && recovery.vm.uuid === uuid;
}

function judgeAccess(
  vm: VmFacts,
  { unreadableFiles, closedFolders }: Surveyed,
  { judge, configured }: { readonly judge: Judge; readonly configured: string | undefined },
): readonly Judgement[] {
  const paths = bootFilesOf(vm).filter((path) => unreadableFiles.has(path));
  const folders = isActive(vm) ? overlayFoldersOf(vm, configured) : [];
  return [
    ...(paths.length > 0 ? [judge("problem", { kind: "unreadable-files", paths })] : []),
    ...folders
      .filter((directory) => closedFolders.has(directory))
      .map((directory) => judge("problem", { kind: "closed-folder", directory })),
  ];
}

/** Paths of what is copied beside the disks. */
export function bootFilesOf({ inactiveDomain }: VmFacts): readonly string[] {
  const { nvramPath, kernelPath, initrdPath, dtbPath } = inactiveDomain;
  return [nvramPath, kernelPath, initrdPath, dtbPath].filter((path) => path !== undefined);
}

/** The state of a TPM that must be there, since the VM runs; a backup goes on without it. */
export function tpmStateOf(vm: VmFacts, { uri }: Pick<Host, "uri">): string | undefined {
  return isActive(vm) ? tpmStatePath(uri, vm.uuid, vm.inactiveDomain.tpm) : undefined;
}

/** Each folder that an overlay of the VM would be in. */
export function overlayFoldersOf(vm: VmFacts, configured: string | undefined): readonly string[] {
  return [...new Set(includedDisks(vm).map((disk) => overlayDirectory(disk, vm.domain.disks, configured)))];
}

function judgeContent(
  vm: VmFacts,
  { host, surveyed }: { readonly host: Host; readonly surveyed: Surveyed },
  judge: Judge,
): readonly Judgement[] {
  const warnings = planWarnings(vm, host);
  const state = tpmStateOf(vm, host);
  const degradations: readonly Degradation[] = [
    ...plannedDegradations({ skippedDisks: skippedDisks(vm), warnings }),
    ...(state !== undefined && surveyed.unreadableFiles.has(state)
      ? [{ kind: "tpm-state", why: "unreadable" } as const]
      : []),
  ];
  const mere = warnings.filter((warning) => !degradations.some((degradation) => degradation === warning));
  return [
    ...degradations.map((degradation) => judge("warning", { kind: "degraded", degradation })),
    ...mere.map((warning) => judge("warning", { kind: "vm-warning", warning })),
  ];
}

/** Asked of running VMs only: no other has a file system that could be frozen. */
function judgeAgent(vm: VmFacts, { doesAgentAnswer }: Surveyed, judge: Judge): readonly Judgement[] {
  if (vm.state !== "running") return [];
  const state = agentState(vm, doesAgentAnswer.get(vm.uuid));
  const severity = state === "answers" ? "ok" : state === "silent" ? "warning" : "note";
  return [judge(severity, { kind: "agent", state })];
}

function agentState({ domain }: VmFacts, answers: boolean | undefined): AgentState {
  if (!domain.hasAgentChannel) return "no-channel";
  if (answers === undefined || (domain.agentConnected === undefined && !answers)) return "not-connected";
  return answers ? "answers" : "silent";
}
