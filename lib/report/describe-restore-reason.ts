// Why a VM could not be brought back → one sentence, as describe-failure.ts does for everything else.

import type { RestoreFailure } from "../model/restore-failure.ts";
import type { Misfit } from "../model/misfit.ts";
import { unreachable } from "../model/unreachable.ts";
import { commandLine } from "./command-line.ts";
import { describeOriginalMisfit } from "./describe-original-misfit.ts";
import { formatBytes } from "./format.ts";
import { words } from "./wording.ts";

/** The sentence for what only a restore can fail on. */
export function describeRestoreReason(reason: RestoreFailure): string {
  switch (reason.kind) {
    case "backup-not-found":
      return describeNotFound(reason);
    case "newest-damaged":
      return describeDamaged(reason);
    case "newest-from-the-future":
      return describeToCome(reason);
    case "backup-unusable":
      return words`Cannot restore from ${reason.path}: ${{ raw: reason.detail }}. Choose another backup (${{ whole: commandLine("list") }} shows them)`;
    case "restore-misfit":
      return words`Cannot restore ${reason.vm} on host ${reason.host}: ${{ whole: reason.misfits.map(describeMisfit).join("; ") }}`;
    case "push-failed":
      return words`Cannot bring ${reason.path} to host ${reason.host}: rsync or ssh ended with ${reason.code ?? "a signal"}: ${{ raw: reason.detail }}. Nothing of it is kept there; ${{ whole: remedyFor(reason.detail) }} and run the restore again`;
    case "device-failed":
      return words`Cannot write onto ${reason.path} of host ${reason.host}: ${{ raw: reason.detail === "" ? `the writer ended with ${reason.code ?? "a signal"}` : reason.detail }}. Put that right and run the restore again`;
    case "host-full":
      return words`Cannot bring ${reason.path} to host ${reason.host}: no space is left there. Free some, or choose another folder with --image-dir, and run the restore again`;
    case "arrived-damaged":
      return reason.isDamagedInStore
        ? words`Cannot restore from ${reason.path}: it is not what it was when it was backed up. Choose another backup (${{ whole: commandLine("list") }} shows them)`
        : words`Cannot keep ${reason.path} on host ${reason.host}: it did not arrive as it was sent. Run the restore again; if that happens again, look at the host's memory and disks`;
    case "image-refused":
      return words`Cannot use ${reason.path} on host ${reason.host}: its qemu-img does not open it: ${{ raw: reason.detail }}. Restore to a host with a newer QEMU (--to)`;
    case "define-failed":
      return reason.snapshot === undefined
        ? words`Cannot define ${reason.vm} on host ${reason.host}: ${{ raw: reason.detail }}. Nothing of it is kept there`
        : words`Cannot define snapshot ${reason.snapshot} of ${reason.vm} on host ${reason.host}: ${{ raw: reason.detail }}. Nothing of the VM is kept there; with --no-snapshots it is restored without them`;
    case "restore-unknown":
      return words`Cannot tell whether ${reason.vm} stays on host ${reason.host}: ${{ raw: reason.detail }}. Look there when the host is back: virsh list --all; it is whole, or gone within some minutes`;
    default:
      return unreachable(reason);
  }
}

function remedyFor(detail: string): string {
  return /^sudo: /.test(detail)
    ? "give the login the rule for restores that docs/sudo.md names"
    : "put that right";
}

function describeNotFound({
  target,
  store,
  known,
  broken,
}: Extract<RestoreFailure, { kind: "backup-not-found" }>): string {
  if (broken !== undefined)
    return words`Cannot restore ${target}: its backup in ${store} is not whole (${{ raw: broken }}). ${{ whole: known.length === 0 ? "There is no other" : words`Good are ${known}` }}`;
  return known.length === 0
    ? words`Cannot find a good backup for ${target} in ${store}. ${{ whole: commandLine("list") }} shows what there is`
    : words`Cannot find ${target} in ${store}; there is ${known}. Name one of these behind @, or none for the newest`;
}

function describeDamaged({
  target,
  folderName,
  verifiedAt,
  older,
}: Extract<RestoreFailure, { kind: "newest-damaged" }>): string {
  const found = words`Cannot restore ${target}: its newest backup, ${folderName}, was found damaged on ${{ raw: verifiedAt.slice(0, 10) }}`;
  const named = words`to try that one all the same, name it: ${`${target}@${folderName}`}`;
  return older === undefined
    ? words`${{ whole: found }}, and so was every other one; ${{ whole: named }}`
    : words`${{ whole: found }}. The newest that was not is ${`${target}@${older}`}; ${{ whole: named }}`;
}

function describeToCome({
  target,
  folderName,
  now,
  older,
}: Extract<RestoreFailure, { kind: "newest-from-the-future" }>): string {
  const found = words`Cannot tell the newest backup of ${target}: by its clock ${folderName} was made in time to come, and here it is ${{ raw: now.slice(0, 16) }} UTC`;
  const named = words`set the clock, or name the one that is meant: ${`${target}@${older ?? folderName}`}`;
  return older === undefined
    ? words`${{ whole: found }}; ${{ whole: named }}`
    : words`${{ whole: found }}; ${{ whole: named }} is the newest of the others`;
}

/** One reason why a VM does not fit, and what to change. */
export function describeMisfit(misfit: Misfit): string {
  switch (misfit.kind) {
    case "name-taken":
      return words`a VM called ${misfit.name} is there already (choose another name with --as)`;
    case "uuid-taken":
      return words`VM ${misfit.name ?? ""} has UUID ${misfit.uuid} already`;
    case "folder-taken":
      return words`${misfit.path} is there already (choose another name with --as, or another folder with --image-dir)`;
    case "no-image-folder":
      return words`there is no folder ${misfit.path} for the images (make it, or choose another one with --image-dir)`;
    case "no-space":
      return words`the images take ${{ raw: formatBytes(misfit.neededBytes) }} and ${misfit.path} has ${{ raw: formatBytes(misfit.freeBytes) }} free (free some, or choose another folder with --image-dir)`;
    case "machine":
      return words`it cannot run machine ${misfit.machine}: ${{ raw: misfit.detail }} (choose another host with --to)`;
    case "cpu-model":
      return words`it cannot give a VM CPU ${misfit.model} (choose another host with --to)`;
    case "no-tpm-emulator":
      return "it has no emulator for the VM's TPM (install swtpm and swtpm-tools there)";
    case "firmware":
      return words`firmware ${misfit.path} is missing (install it there, or choose another host with --to)`;
    case "network":
      return words`it has no network ${misfit.name} (make it, or use --network with the name of another one, or --network detach)`;
    case "bridge":
      return words`it has no bridge or card ${misfit.name} (make it, or use --network with the name of a network, or --network detach)`;
    case "compression":
      return words`its QEMU (${misfit.qemu}) is too old for images that are compressed with zstd (choose another host with --to)`;
    default:
      return describeOriginalMisfit(misfit);
  }
}
