// What stops a VM from being backed up as it stands now. Pure; found before anything is touched.

import type { VmObstacle } from "../model/failure.ts";
import type { QuiesceMode } from "../model/plan.ts";
import type { DomainDisk, HostFacts, VmFacts, VmState } from "../model/vm.ts";
import { findHollowSnapshot } from "./find-hollow-snapshot.ts";
import { findUncopiedPath } from "./find-uncopied-path.ts";
import { otherUsers } from "./other-users.ts";
import { overlayOwner } from "./overlay-name.ts";
import { overlaySpace } from "./overlay-space.ts";

/** What of the settings decides whether a VM can be backed up. */
export interface CheckOptions {
  readonly quiesce: QuiesceMode;
  readonly overlayDirectory: string | undefined;
}

export type IncludedDisk = Extract<DomainDisk, { kind: "included" }>;

/** libvirt reads the whole chain over a monitor whose replies are bounded (10 MiB); deep chains have hung it. */
const chainLimit = 40;

const activeStates: readonly VmState[] = ["running", "paused", "in-shutdown", "suspended"];

/** Whether a QEMU process runs the VM. */
export function isActive(vm: VmFacts): boolean {
  return activeStates.includes(vm.state);
}

/** The disks whose content a backup of the VM holds. */
export function includedDisks(vm: VmFacts): readonly IncludedDisk[] {
  return vm.domain.disks.filter((disk): disk is IncludedDisk => disk.kind === "included");
}

/** The first thing that stops a backup of this VM; undefined when nothing does. */
export function checkVm(
  vm: VmFacts,
  host: Pick<HostFacts, "imageUsers">,
  options: CheckOptions,
): VmObstacle | undefined {
  return findObstacles(vm, host, options)[0];
}

/** What stops a backup of this VM, at most one thing of each sort. */
export function findObstacles(
  vm: VmFacts,
  host: Pick<HostFacts, "imageUsers">,
  options: CheckOptions,
): readonly VmObstacle[] {
  const named = [checkPaths(vm), checkImages(vm)];
  return [
    checkState(vm, options),
    ...named,
    // Paths that are wrong already would be so here for another reason.
    ...(named.some((obstacle) => obstacle !== undefined)
      ? []
      : [findUncopiedPath(vm), findHollowSnapshot(vm)]),
    ...(isActive(vm) ? [checkSharedBases(vm, host), checkOverlaySpace(vm, options)] : []),
  ].filter((obstacle) => obstacle !== undefined);
}

function checkState(vm: VmFacts, options: CheckOptions): VmObstacle | undefined {
  if (!vm.isPersistent) return { kind: "transient-domain" };
  const isUsable =
    ["running", "shut-off"].includes(vm.state) || (vm.state === "paused" && vm.stateReason !== "I/O error");
  if (!isUsable) return { kind: "unusable-state", state: vm.state, stateReason: vm.stateReason };
  // Nothing on this host would show that another one writes to its disks (a block device counts its own host's writes only).
  if (vm.state === "shut-off" && vm.stateReason === "migrated") return { kind: "migrated-away" };
  if (includedDisks(vm).length === 0) return { kind: "no-disk" };
  if (isActive(vm) && vm.checkpoints.length > 0) return { kind: "checkpoints", names: vm.checkpoints };
  const [job] = vm.activeJobs;
  if (job !== undefined) return { kind: "active-job", target: job };
  const canQuiesce =
    vm.state === "running" && vm.domain.hasAgentChannel && vm.domain.agentConnected !== false;
  if (isActive(vm) && options.quiesce === "require" && !canQuiesce) return { kind: "agent-required" };
  return undefined;
}

function checkPaths(vm: VmFacts): VmObstacle | undefined {
  const bootFiles = [
    vm.inactiveDomain.tpm?.ownPlace?.folder,
    vm.domain.nvramPath,
    vm.domain.kernelPath,
    vm.domain.initrdPath,
    vm.domain.dtbPath,
  ];
  for (const path of [...includedDisks(vm).map((disk) => disk.path), ...bootFiles]) {
    // oxlint-disable-next-line no-control-regex -- control characters are just what is refused
    if (path !== undefined && /[\u0000-\u001f\u007f]/.test(path)) return { kind: "unusable-path", path };
  }
  for (const { target, path } of [...includedDisks(vm), ...inactiveDisks(vm)]) {
    const owner = overlayOwner(path);
    if (owner !== undefined) return { kind: "own-overlay", target, path, backupId: owner };
  }
  return isActive(vm) ? checkDefinitions(vm) : undefined;
}

function checkDefinitions(vm: VmFacts): VmObstacle | undefined {
  const live = new Map(includedDisks(vm).map((disk) => [disk.target, disk.path]));
  const inactive = new Map(inactiveDisks(vm).map((disk) => [disk.target, disk.path]));
  for (const target of new Set([...live.keys(), ...inactive.keys()])) {
    const [one, other] = [live.get(target), inactive.get(target)];
    if (one !== other) {
      return { kind: "definition-differs", target, live: one ?? "no disk", inactive: other ?? "no disk" };
    }
  }
  return undefined;
}

function inactiveDisks(vm: VmFacts): readonly IncludedDisk[] {
  return vm.inactiveDomain.disks.filter((disk): disk is IncludedDisk => disk.kind === "included");
}

function checkImages(vm: VmFacts): VmObstacle | undefined {
  for (const { target, path } of includedDisks(vm)) {
    const chain = vm.chains.get(target);
    if (chain === undefined || chain.length === 0) {
      return { kind: "unreadable-image", target, path, detail: vm.chainTroubles.get(target) ?? "" };
    }
    if (chain.length > chainLimit)
      return { kind: "chain-too-deep", target, layers: chain.length, limit: chainLimit };
    const dependent = chain.find((layer) => layer.obstacle === "external-data-file");
    if (dependent !== undefined) return { kind: "external-data-file", target, path: dependent.path };
  }
  return undefined;
}

function checkSharedBases(vm: VmFacts, host: Pick<HostFacts, "imageUsers">): VmObstacle | undefined {
  for (const { target, path } of includedDisks(vm)) {
    const users = otherUsers(vm.chains.get(target)?.[0], { uuid: vm.uuid, imageUsers: host.imageUsers });
    if (users.length > 0) return { kind: "shared-base", target, path, users };
  }
  return undefined;
}

function checkOverlaySpace(vm: VmFacts, options: CheckOptions): VmObstacle | undefined {
  for (const { directory, neededBytes, freeBytes } of overlaySpace(vm, options)) {
    if (freeBytes === undefined) return { kind: "no-overlay-folder", directory };
    if (freeBytes < neededBytes) return { kind: "no-overlay-space", directory, freeBytes, neededBytes };
  }
  return undefined;
}
