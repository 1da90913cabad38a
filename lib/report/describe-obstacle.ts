// What stops a VM from being backed up → one sentence with the next command.

import type { VmObstacle } from "../model/failure.ts";
import { unreachable } from "../model/unreachable.ts";
import { commandLine } from "./command-line.ts";
import { formatBytes } from "./format.ts";
import { words } from "./wording.ts";

/** The sentence for a VM that was refused before anything was touched. */
export function describeObstacle(host: string, vm: string, obstacle: VmObstacle): string {
  return `${words`Cannot back up ${vm} on host ${host}`}: ${describe({ host, vm }, obstacle)}`;
}

function describe(
  { host, vm }: { readonly host: string; readonly vm: string },
  obstacle: VmObstacle,
): string {
  switch (obstacle.kind) {
    case "no-disk":
      return words`it has no disk that can be backed up. Look at: virsh domblklist --details ${{ shell: vm }}`;
    case "transient-domain":
      return words`it is transient, so nothing could put its definition back after a crash. Make it persistent: virsh dumpxml ${{ shell: vm }} > vm.xml && virsh define vm.xml`;
    case "unusable-state":
      return words`it is ${{ raw: obstacle.state }} (${{ raw: obstacle.stateReason || "no reason given" }}). Bring it to running or shut off, then run the backup again`;
    case "migrated-away":
      return words`it was migrated to another host, and may run there on the same disks. Back it up there; if it is not to come back, remove its definition here, and nothing else: virsh undefine ${{ shell: vm }} --keep-nvram. If it has come to rest on this host again, start it and shut it down once`;
    case "checkpoints":
      return words`libvirt refuses snapshots of a VM with checkpoints (${obstacle.names}), which another backup tool uses. Remove them when that tool no longer needs them: virsh checkpoint-delete ${{ shell: vm }} NAME`;
    case "active-job":
      return words`a block job runs on its disk ${obstacle.target}. Wait for it: virsh blockjob ${{ shell: vm }} ${{ shell: obstacle.target }} --info`;
    case "own-overlay":
      return words`its disk ${obstacle.target} runs on ${obstacle.path}, an overlay of backup ${{ raw: obstacle.backupId }}, which no guard on that host can fold back by itself. Never delete that file. To see why, and what to do: ${{ whole: commandLine("recover") }} ${{ shell: host }}`;
    case "definition-differs":
      return words`its running disk ${obstacle.target} is ${obstacle.live} but its definition says ${obstacle.inactive}. Compare virsh dumpxml with virsh dumpxml --inactive and bring them in line`;
    case "shared-base":
      return words`its disk ${obstacle.target} (${obstacle.path}) is also used by ${obstacle.users}; folding back would write to it. Shut it off for its backup, or give it an overlay of its own: virsh snapshot-create-as ${{ shell: vm }} own --disk-only --no-metadata --atomic`;
    case "chain-too-deep":
      return words`the backing chain of disk ${obstacle.target} has ${obstacle.layers} images, more than ${obstacle.limit}. Shorten it: virsh blockcommit or virsh blockpull`;
    case "external-data-file":
      return words`the image ${obstacle.path} of disk ${obstacle.target} keeps its data in a separate file, which is not supported. Convert it: qemu-img convert -O qcow2`;
    case "unreadable-image":
      return words`the image ${obstacle.path} of disk ${obstacle.target} cannot be read: ${{ raw: obstacle.detail || "no detail" }}. Try on the host: qemu-img info -U --backing-chain ${{ shell: obstacle.path }}`;
    case "unusable-path":
      return words`the path ${obstacle.path} holds a control character. Rename the file and correct the definition: virsh edit ${{ shell: vm }}`;
    case "uncopied-path":
      return words`its definition names ${obstacle.path} for ${obstacle.target}, which is not among the images that would be copied, so a restored VM would use the original's. Compare the definition with qemu-img info -U --backing-chain on the host and correct it: virsh edit ${{ shell: vm }}`;
    case "snapshot-not-in-image":
      return words`its snapshot ${obstacle.snapshot} is not inside the image of disk ${obstacle.target}, so nobody can revert to it, although libvirt lists it. See qemu-img snapshot -l on the host, then remove what is left of it: virsh snapshot-delete ${{ shell: vm }} ${{ shell: obstacle.snapshot }} --metadata`;
    case "no-overlay-folder":
      return words`the folder ${obstacle.directory} for its overlays is not there. Make it on the host, where QEMU can reach it, or choose another folder with --overlay-dir`;
    case "no-overlay-space":
      return words`${obstacle.directory} has ${{ raw: formatBytes(obstacle.freeBytes) }} free, but its overlays may need ${{ raw: formatBytes(obstacle.neededBytes) }}. Free some space there or choose another folder with --overlay-dir`;
    case "agent-required":
      return words`--quiesce require needs its guest agent, which is not connected. Start qemu-guest-agent in the guest, or use --quiesce auto`;
    default:
      return unreachable(obstacle);
  }
}
