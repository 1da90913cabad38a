// What the owner of a backup should know about the VM it is made of. Pure.

import { tpmStatePath } from "../hypervisor/read-tpm.ts";
import type { Host } from "../model/host.ts";
import type { PlanWarning } from "../model/plan.ts";
import type { VmFacts } from "../model/vm.ts";
import { carriedSnapshots } from "./carried-snapshots.ts";
import { includedDisks, isActive } from "./check-vm.ts";

/** Names that people and installers give images; libvirt names its own overlays after the snapshot instead. */
const imageExtension = /\.(qcow2|qcow|img|raw|qed|iso|vmdk)$/i;

/** Warnings about a VM that can be backed up all the same. */
export function planWarnings(vm: VmFacts, { uri }: Pick<Host, "uri">): readonly PlanWarning[] {
  const carried = new Set(carriedSnapshots(vm).map(({ name }) => name));
  const warnings: PlanWarning[] = [];
  if (vm.hasManagedSave && !isActive(vm)) warnings.push({ kind: "managed-save" });
  for (const { target, path } of includedDisks(vm)) {
    const isOverlay = (vm.chains.get(target)?.length ?? 0) > 1 && !imageExtension.test(path);
    if (isOverlay) warnings.push({ kind: "foreign-overlay", target, path });
  }
  for (const { name } of vm.snapshots)
    if (!carried.has(name)) warnings.push({ kind: "external-snapshot", name });
  warnings.push(...tpmWarnings(vm, uri));
  if (vm.inactiveDomain.hasNetworkNvram) warnings.push({ kind: "network-nvram" });
  return warnings;
}

/** Of the TPM that the VM has at its next start, as a restored one will. */
function tpmWarnings({ inactiveDomain: { tpm }, uuid }: VmFacts, uri: string): readonly PlanWarning[] {
  if (tpm === undefined) return [];
  if (tpm.backend === "passthrough") return [{ kind: "host-tpm" }];
  if (tpm.backend === "other") return [{ kind: "tpm-state", why: "other-program" }];
  if (tpmStatePath(uri, uuid, tpm) === undefined)
    return [{ kind: "tpm-state", why: tpm.ownPlace !== undefined ? "own-place" : "unknown-place" }];
  return tpm.secret === undefined ? [] : [{ kind: "tpm-secret", name: tpm.secret }];
}
