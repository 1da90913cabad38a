// Why a VM cannot come back as what it was → words, as part of a sentence; with what to do about it.

import type { OriginalMisfit } from "../model/misfit.ts";
import { describeDeviceMisfit } from "./describe-device-misfit.ts";
import { words } from "./wording.ts";

const asClone = "or restore beside it, without --as-original";

/** One reason. */
export function describeOriginalMisfit(misfit: OriginalMisfit): string {
  switch (misfit.kind) {
    case "vm-there":
      return describeThere(misfit);
    case "two-vms":
      return words`one VM has its name and another one its UUID: ${misfit.names} (rename or undefine one of them)`;
    case "has-memory":
      return words`VM ${misfit.name} is saved with its memory, which could not be kept (start it and shut it down, or virsh managedsave-remove)`;
    case "has-checkpoints":
      return words`VM ${misfit.name} has checkpoints, which could not be kept (virsh checkpoint-delete)`;
    case "has-tpm":
      return words`VM ${misfit.name} has an emulated TPM, whose state libvirt would delete from a place that it does not tell or that the definition names (${{ raw: asClone.slice(3) }})`;
    case "host-not-asked":
      return words`host ${misfit.host} cannot be asked whether the VM is there: ${{ raw: misfit.detail }} (bring it back, or if it never will be: --force)`;
    case "path-taken":
      return words`${misfit.path} is there, and is no file of that VM (move it away, ${{ raw: asClone }})`;
    case "path-shared":
      return words`${misfit.path} is there, and used by ${misfit.vms} (${{ raw: asClone.slice(3) }})`;
    case "path-unsure":
      return words`nobody can tell whether ${misfit.vms}, of which not every image can be read, uses ${misfit.path} (put that right, ${{ raw: asClone }})`;
    case "original-folder":
      return words`there is no folder ${misfit.path}, where a file of it was (make it, ${{ raw: asClone }})`;
    case "system-folder":
      return words`${misfit.path} is no place for a file of a VM (${{ raw: asClone.slice(3) }})`;
    default:
      return describeDeviceMisfit(misfit);
  }
}

function describeThere({ namesake, isForced }: Extract<OriginalMisfit, { kind: "vm-there" }>): string {
  const { host, name, uuid, isOff } = namesake;
  const what = words`host ${host} has VM ${name} (${{ raw: uuid }})`;
  if (!isOff)
    return `${what}, which is not shut off (shut it down, ${isForced ? "" : "then use --force, "}${asClone})`;
  return `${what}, shut off (--force keeps what is in the way aside; ${asClone})`;
}
