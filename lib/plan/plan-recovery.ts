// What a host needs so that nothing of a dead run is left on it. Pure.

import { isHeld, type GuardFacts } from "../model/guard.ts";
import type { DiskFormat, DomainDisk, HostFacts, SourceKind, VmFacts } from "../model/vm.ts";
import { isActive } from "./check-vm.ts";
import { overlayOwner } from "./overlay-name.ts";

/** An overlay of ours that no guard knows of, and what lies below it. */
export interface StrayOverlay {
  readonly target: string;
  readonly overlayPath: string;
  readonly basePath: string;
  readonly baseFormat: DiskFormat;
  readonly baseSource: SourceKind;
}

/** One thing to do about a VM, or to tell a person. */
export type Recovery =
  /** Its controller is at work: left alone. */
  | { readonly kind: "held"; readonly guard: GuardFacts }
  /** Its controller is gone: its guard restores the host. */
  | { readonly kind: "restore"; readonly guard: GuardFacts }
  /** The guard is gone too: a new one is armed for these overlays, and restores the host at once. */
  | {
      readonly kind: "adopt";
      readonly vm: VmFacts;
      readonly backupId: string;
      readonly overlays: readonly StrayOverlay[];
    }
  /** What lies below the overlay cannot be told. */
  | { readonly kind: "unknown-base"; readonly vm: VmFacts; readonly target: string; readonly path: string };

/** What is to be done on a host: of all VMs, or of one. */
export function planRecovery(
  facts: Pick<HostFacts, "guards" | "vms">,
  { uuid }: { readonly uuid?: string } = {},
): readonly Recovery[] {
  const guards = facts.guards.filter((guard) => uuid === undefined || guard.uuid === uuid);
  const guarded = new Set(facts.guards.map((guard) => guard.uuid));
  const strays = facts.vms.filter((vm) => !guarded.has(vm.uuid) && (uuid === undefined || vm.uuid === uuid));
  return [
    ...guards.map((guard): Recovery => ({ kind: isHeld(guard) ? "held" : "restore", guard })),
    ...strays.flatMap(recoverStray),
  ];
}

type IncludedDisk = Extract<DomainDisk, { kind: "included" }>;

function recoverStray(vm: VmFacts): readonly Recovery[] {
  const disks = ourDisks(vm.domain.disks);
  const overlays = disks.flatMap((disk) => strayOverlay(vm, disk));
  const unknown = [
    ...disks.filter(({ path }) => !overlays.some(({ overlayPath }) => overlayPath === path)),
    // The running VM is on its base, and only the definition for its next start names the overlay.
    ...(isActive(vm) ? ourDisks(vm.inactiveDomain.disks) : []).filter(
      ({ path }) => !disks.some((disk) => disk.path === path),
    ),
  ];
  const [first] = overlays;
  return [
    ...unknown.map(({ target, path }): Recovery => ({ kind: "unknown-base", vm, target, path })),
    ...(first === undefined || unknown.length > 0
      ? []
      : [{ kind: "adopt", vm, backupId: overlayOwner(first.overlayPath) ?? "", overlays } as const]),
  ];
}

function ourDisks(disks: readonly DomainDisk[]): readonly IncludedDisk[] {
  return disks.filter(
    (disk): disk is IncludedDisk => disk.kind === "included" && overlayOwner(disk.path) !== undefined,
  );
}

function strayOverlay(vm: VmFacts, { target, path }: IncludedDisk): readonly StrayOverlay[] {
  const [top, base] = vm.chains.get(target) ?? [];
  if (top === undefined || base === undefined || top.path !== path) return [];
  const { path: basePath, format: baseFormat, source: baseSource } = base;
  return [{ target, overlayPath: path, basePath, baseFormat, baseSource }];
}
