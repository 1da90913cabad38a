// What of a host does not fit a VM that is to be restored there. Pure.

import type { HostNeeds } from "../hypervisor/host-needs.ts";
import { zstdVersion } from "../hypervisor/qemu-img.ts";
import { isAtLeast } from "../hypervisor/versions.ts";
import type { Misfit } from "../model/misfit.ts";
import type { NetworkChoice } from "../model/restore.ts";
import type { StoredVm } from "./stored-vm.ts";
import { isThere, type TargetFacts } from "./target-facts.ts";

/** The VM as it is to be. */
export interface WantedVm {
  readonly name: string;
  readonly uuid: string;
  readonly stored: StoredVm;
  readonly needs: HostNeeds;
  readonly network: NetworkChoice;
  /** The folder its own one goes into, its own one, and the room it takes. */
  readonly imageFolder: string;
  readonly folder: string;
  readonly neededBytes: number;
}

/** All of them at once. */
export function findMisfits(vm: WantedVm, facts: TargetFacts): readonly Misfit[] {
  return [...takenNames(vm, facts), ...missingRoom(vm, facts), ...unfitHost(vm, facts)];
}

/** What of them is the host's, wherever the images go. */
export function unfitHost(
  vm: Pick<WantedVm, "stored" | "needs" | "network">,
  facts: TargetFacts,
): readonly Misfit[] {
  return [...unfitMachine(vm, facts), ...deadPlugs(vm, facts)];
}

function takenNames({ name, uuid, folder }: WantedVm, facts: TargetFacts): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const sameUuid = facts.vms.find((vm) => vm.uuid === uuid);
  if (facts.vms.some((vm) => vm.name === name)) misfits.push({ kind: "name-taken", name });
  if (sameUuid !== undefined) misfits.push({ kind: "uuid-taken", uuid, name: sameUuid.name });
  if (isThere(facts, folder)) misfits.push({ kind: "folder-taken", path: folder });
  return misfits;
}

function missingRoom({ imageFolder, neededBytes }: WantedVm, facts: TargetFacts): readonly Misfit[] {
  const { freeBytes } = facts;
  if (facts.paths.get(imageFolder) !== "folder" || freeBytes === undefined)
    return [{ kind: "no-image-folder", path: imageFolder }];
  return freeBytes < neededBytes ? [{ kind: "no-space", path: imageFolder, freeBytes, neededBytes }] : [];
}

function unfitMachine(
  { stored, needs }: Pick<WantedVm, "stored" | "needs">,
  facts: TargetFacts,
): readonly Misfit[] {
  const misfits: Misfit[] = [];
  if (facts.machineTrouble !== undefined)
    misfits.push({ kind: "machine", machine: needs.machine.machine ?? "", detail: facts.machineTrouble });
  const { cpuModel, firmwarePath } = needs;
  if (cpuModel !== undefined && facts.cpuModels.length > 0 && !facts.cpuModels.includes(cpuModel))
    misfits.push({ kind: "cpu-model", model: cpuModel });
  if (firmwarePath !== undefined && !isThere(facts, firmwarePath))
    misfits.push({ kind: "firmware", path: firmwarePath });
  const { tpmBackends } = facts;
  if (
    stored.domain.tpm?.backend === "emulator" &&
    tpmBackends.length > 0 &&
    !tpmBackends.includes("emulator")
  )
    misfits.push({ kind: "no-tpm-emulator" });
  const hasZstd = stored.manifest.disks.some(({ compression }) => compression === "zstd");
  if (hasZstd && !isAtLeast(facts.versions.qemuImg, zstdVersion))
    misfits.push({ kind: "compression", qemu: facts.versions.qemuImg ?? "" });
  return misfits;
}

function deadPlugs({ network }: Pick<WantedVm, "network">, { missingPlugs }: TargetFacts): readonly Misfit[] {
  // A pulled cable needs no wall; one network for all is asked for as a plug of its own.
  return network.kind === "detach" ? [] : missingPlugs.map((plug): Misfit => ({ ...plug }));
}
