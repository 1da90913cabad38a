// What a host needs so that nothing of a dead run is left on it. Pure.

import { isHeld } from "../model/guard.ts";
import type { Recovery, StrayOverlay } from "../model/recovery.ts";
import type { HostFacts, ImageUsers, VmFacts } from "../model/vm.ts";
import { includedDisks, isActive, type IncludedDisk } from "./check-vm.ts";
import { otherUsers } from "./other-users.ts";
import { overlayOwner } from "./overlay-name.ts";

/**
 * What is to be done on a host: of all VMs, or of one. Files that no VM names are not looked for here
 * (plan-stray-files.ts). The image users are those of all VMs of the host, whichever VMs there are facts of.
 */
export function planRecovery(
  facts: Pick<HostFacts, "guards" | "vms" | "imageUsers">,
  { uuid }: { readonly uuid?: string } = {},
): readonly Recovery[] {
  const guards = facts.guards.filter((guard) => uuid === undefined || guard.uuid === uuid);
  const guarded = new Set(facts.guards.map((guard) => guard.uuid));
  const strays = facts.vms.filter((vm) => !guarded.has(vm.uuid) && (uuid === undefined || vm.uuid === uuid));
  return [
    ...guards.map((guard): Recovery => ({ kind: isHeld(guard) ? "held" : "restore", guard })),
    ...strays.flatMap((vm) => recoverStray(vm, facts.imageUsers)),
  ];
}

/**
 * Whether its guest may be frozen, which libvirt does not tell and which only asking the agent by its own protocol would
 * (that taints a VM for ever). A thaw does no harm to a guest that is not frozen, so it is simply asked for, where a run
 * of ours died without a guard. Not of an agent that libvirt does not know to be connected: it would not answer, and the
 * guard would stay stuck on it.
 */
export function mayNeedThaw(vm: VmFacts): boolean {
  return isActive(vm) && vm.domain.hasAgentChannel && vm.domain.agentConnected === true;
}

function recoverStray(vm: VmFacts, imageUsers: ImageUsers): readonly Recovery[] {
  const disks = includedDisks(vm).filter(isOurs);
  const overlays = disks.flatMap((disk) => strayOverlay(vm, disk));
  const [first] = overlays;
  const obstacles = [
    ...unknownBases(vm, overlays),
    ...sharedBases(vm, { overlays, imageUsers }),
    ...nextStarts(vm, disks),
  ];
  if (obstacles.length > 0 || first === undefined) return [...obstacles, ...covered(vm), ...paused(vm)];
  const backupId = overlayOwner(first.overlayPath) ?? "";
  const thawsGuest = mayNeedThaw(vm);
  return [{ kind: "adopt", vm, backupId, overlays, isInUse: true, thawsGuest }, ...covered(vm)];
}

function isOurs({ path }: IncludedDisk): boolean {
  return overlayOwner(path) !== undefined;
}

function strayOverlay(vm: VmFacts, { target, path }: IncludedDisk): readonly StrayOverlay[] {
  const [top, base] = vm.chains.get(target) ?? [];
  if (top === undefined || base === undefined || top.path !== path) return [];
  const { path: basePath, format: baseFormat, source: baseSource } = base;
  return [{ target, overlayPath: path, basePath, baseFormat, baseSource }];
}

function unknownBases(vm: VmFacts, known: readonly StrayOverlay[]): readonly Recovery[] {
  const unknown = includedDisks(vm)
    .filter(isOurs)
    .filter(({ path }) => !known.some(({ overlayPath }) => overlayPath === path));
  return unknown.map(({ target, path }) => ({
    ...{ kind: "unknown-base", vm, target, path, livePath: undefined },
    detail: vm.chainTroubles.get(target) ?? "it is based on nothing",
  }));
}

/** Folding writes to the base: what no backup may write to, because others depend on it, nobody may. */
function sharedBases(
  vm: VmFacts,
  { overlays, imageUsers }: { readonly overlays: readonly StrayOverlay[]; readonly imageUsers: ImageUsers },
): readonly Recovery[] {
  return overlays.flatMap(({ target, overlayPath, basePath }): readonly Recovery[] => {
    const users = otherUsers(vm.chains.get(target)?.[1], { uuid: vm.uuid, imageUsers });
    return users.length === 0 ? [] : [{ kind: "shared-base", vm, target, overlayPath, basePath, users }];
  });
}

/** The running VM is on another image, and only the definition for its next start names the overlay. */
function nextStarts(vm: VmFacts, inUse: readonly IncludedDisk[]): readonly Recovery[] {
  if (!isActive(vm)) return [];
  const live = includedDisks(vm);
  return vm.inactiveDomain.disks.flatMap((disk): readonly Recovery[] => {
    if (disk.kind !== "included" || !isOurs(disk) || inUse.some(({ path }) => path === disk.path)) return [];
    const { target, path } = disk;
    const livePath = live.find((one) => one.target === target)?.path ?? "no image";
    return [{ kind: "unknown-base", vm, target, path, livePath, detail: "" }];
  });
}

function covered(vm: VmFacts): readonly Recovery[] {
  return includedDisks(vm).flatMap((disk): readonly Recovery[] => {
    const { target, path: topPath } = disk;
    const below = vm.chains.get(target)?.slice(1) ?? [];
    const overlay = below.find((layer) => overlayOwner(layer.path) !== undefined);
    // One of ours on top of another of ours goes first, and is not in the way then.
    if (overlay === undefined || isOurs(disk)) return [];
    return [{ kind: "covered-overlay", vm, target, topPath, overlayPath: overlay.path }];
  });
}

function paused(vm: VmFacts): readonly Recovery[] {
  return vm.state === "paused" && vm.stateReason === "I/O error" ? [{ kind: "paused-guest", vm }] : [];
}
