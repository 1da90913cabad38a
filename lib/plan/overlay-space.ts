// What room a VM's overlays are given on its host. Pure.

import type { OverlaySpace } from "../model/plan.ts";
import type { DomainDisk, VmFacts } from "../model/vm.ts";
import { overlayDirectory } from "./overlay-directory.ts";

/** An overlay needs room for what the guest writes meanwhile: a twentieth of the disk, at least 64 MiB. */
const overlayShare = 1 / 20;
const overlayMinimumBytes = 64 * 1024 * 1024;

/** Each folder that overlays of a running VM would be in, with what they may need there and what is free. */
export function overlaySpace(
  vm: Pick<VmFacts, "domain" | "chains" | "freeBytes">,
  options: { readonly overlayDirectory: string | undefined },
): readonly OverlaySpace[] {
  const needed = new Map<string, number>();
  for (const disk of vm.domain.disks.filter(isIncluded)) {
    const directory = overlayDirectory(disk, vm.domain.disks, options.overlayDirectory);
    const virtualBytes = vm.chains.get(disk.target)?.[0]?.virtualBytes ?? 0;
    const share = Math.max(overlayMinimumBytes, virtualBytes * overlayShare);
    needed.set(directory, (needed.get(directory) ?? 0) + share);
  }
  return [...needed].map(([directory, neededBytes]) => ({
    ...{ directory, neededBytes, freeBytes: vm.freeBytes.get(directory) },
  }));
}

function isIncluded(disk: DomainDisk): disk is Extract<DomainDisk, { kind: "included" }> {
  return disk.kind === "included";
}
