// Whether a host's QEMU can read a backup where it is, so that nothing of it need be copied.

import { createHash } from "node:crypto";
import path from "node:path";
import type { HostShell } from "../backup/ports.ts";
import { qemuOwner } from "../hypervisor/base-label.ts";
import { hostNeeds } from "../hypervisor/host-needs.ts";
import { parseSecurityModels } from "../hypervisor/parse-capabilities.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { StoreSight } from "../plan/plan-drill.ts";
import type { StoredVm } from "../plan/stored-vm.ts";
import { manifestName } from "../store/layout.ts";
import { formatManifest } from "../store/manifest.ts";

/**
 * The same manifest at the same path, each image at its length, and QEMU's user can open it. chroot changes nothing but
 * the user; where it cannot, images are copied.
 */
const look = `manifest=$1 sum=$2 uid=$3 gid=$4
shift 4
[ "$(sha256sum <"$manifest" 2>/dev/null)" = "$sum  -" ] || exit 11
while [ $# -ge 2 ]; do
  [ "$(stat -L -c %s -- "$1" 2>/dev/null)" = "$2" ] || exit 11
  if [ "$(id -u)" = "$uid" ]; then true <"$1"
  else chroot "--userspec=+$uid:+$gid" --groups= / sh -c 'true <"$1"' sh "$1"
  fi 2>/dev/null || exit 12
  shift 2
done`;

/** Looks, and changes nothing. @throws BackupError `connection-lost`. */
export async function findSight(shell: HostShell, uri: string, stored: StoredVm): Promise<StoreSight> {
  const answer = await shell.run(virsh(uri).capabilities());
  if (answer.code !== 0) return unseen("libvirt does not say whom it runs QEMU as");
  // What SELinux lets QEMU read is a matter of labels, and those of the backup are not to be changed.
  if (parseSecurityModels(answer.stdout).includes("selinux"))
    return unseen("SELinux keeps QEMU from the store");
  const owner = qemuOwner(answer.stdout, hostNeeds(stored.originalXml).machine.virtType ?? "kvm");
  const [uid, gid] = owner?.split(":") ?? [];
  if (owner === undefined || uid === undefined || gid === undefined)
    return unseen("libvirt does not say whom it runs QEMU as");
  const sum = createHash("sha256").update(formatManifest(stored.manifest)).digest("hex");
  const images = stored.manifest.disks
    .flatMap(({ layers }) => layers)
    .flatMap(({ fileName, bytes }) => [path.join(stored.path, fileName), String(bytes)]);
  const { code } = await shell.runScript(look, [
    path.join(stored.path, manifestName),
    sum,
    uid,
    gid,
    ...images,
  ]);
  if (code === 0) return { kind: "seen", owner };
  return unseen(
    code === 11 ? "the store is not at the same path there" : "QEMU's user there cannot read the store",
  );
}

const unseen = (why: string): StoreSight => ({ kind: "unseen", why });
