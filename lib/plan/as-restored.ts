// What a VM will look like once its host is restored from what a dead run left. Pure.

import { parseDomain } from "../hypervisor/domain-xml.ts";
import { withoutOverlays, type OverlayOnBase } from "../hypervisor/without-overlays.ts";
import type { Domain, VmFacts } from "../model/vm.ts";
import { includedDisks } from "./check-vm.ts";
import { overlayOwner } from "./overlay-name.ts";

/** The VM on its own bases, without block jobs, and not stopped by an error any more. */
export function asRestored(vm: VmFacts): VmFacts {
  const overlays = includedDisks(vm).flatMap(({ path, target }): readonly OverlayOnBase[] => {
    const [, base] = vm.chains.get(target) ?? [];
    if (overlayOwner(path) === undefined || base === undefined) return [];
    const { path: basePath, format: baseFormat, source: baseSource } = base;
    return [{ overlayPath: path, basePath, baseFormat, baseSource }];
  });
  const folded = new Set(overlays.map(({ overlayPath }) => overlayPath));
  const inactiveXml = withoutOverlays(vm.inactiveXml, overlays);
  const hasFailed = vm.state === "paused" && vm.stateReason === "I/O error";
  return {
    ...vm,
    ...(hasFailed ? { state: "running", stateReason: "" } : {}),
    activeJobs: [],
    domain: onBases(vm.domain, overlays),
    inactiveDomain: parseDomain(inactiveXml),
    inactiveXml,
    chains: new Map(
      [...vm.chains].map(([target, layers]) => [
        target,
        folded.has(layers[0]?.path ?? "") ? layers.slice(1) : layers,
      ]),
    ),
  };
}

function onBases(domain: Domain, overlays: readonly OverlayOnBase[]): Domain {
  const disks = domain.disks.map((disk) => {
    const overlay = overlays.find(({ overlayPath }) => overlayPath === disk.path);
    if (disk.kind !== "included" || overlay === undefined) return disk;
    const { basePath: path, baseFormat: format, baseSource: source } = overlay;
    return { ...disk, path, format, source, hasMirror: false };
  });
  return { ...domain, disks };
}
