// A VM that a restore as the original takes the place of: how it is told from what it was, and how it comes back.

import type { LabHost } from "../../lab/lab-host.ts";

/** Everything of the VM in its folder, and what libvirt says of it; the same text for the same VM with the same files. */
export async function describeVm(host: LabHost, name: string): Promise<string> {
  return await host.check(["sh", "-c", describeText, "sh", name]);
}

const describeText = `
virsh dumpxml --inactive --security-info "$1" 2>&1
virsh snapshot-list --tree "$1" 2>/dev/null
virsh snapshot-current --name "$1" 2>/dev/null
virsh dominfo "$1" 2>/dev/null | grep Autostart
cd "/srv/$1" && stat -c '%n %i %s %U %G %a' ./* 2>/dev/null
stat -c '%n %i' /var/lib/libvirt/qemu/nvram/"$1"* 2>/dev/null
ls /var/lib/virtfold/*/journal 2>/dev/null
true`;

/** Gives the VM that was kept aside its place back, as docs/restore.md says. */
export async function putBack(host: LabHost, name: string): Promise<void> {
  await host.check(["sh", "-ec", putBackText, "sh", name]);
}

const putBackText = `
[ "$(virsh domstate "$1")" = "shut off" ] || virsh destroy "$1"
virsh undefine "$1" --snapshots-metadata --nvram
for kept in /srv/"$1"/*.replaced /var/lib/libvirt/qemu/nvram/*.replaced; do
  [ ! -f "$kept" ] || mv -- "$kept" "\${kept%.virtfold-*}"
done
for kept in /var/lib/libvirt/swtpm/*.replaced; do
  [ ! -d "$kept" ] || mv -T -- "$kept" "\${kept%.virtfold-*}"
done
cd /srv/"$1"/*.replaced
virsh define definition.xml
for snapshot in snapshot-*.xml; do
  [ -e "$snapshot" ] || continue
  if [ "$snapshot" = "$(cat current 2>/dev/null)" ]; then set -- "$1" --current; else set -- "$1"; fi
  name=$1; shift
  virsh snapshot-create "$name" --xmlfile "$snapshot" --redefine "$@"
  set -- "$name"
done
[ ! -e autostart ] || virsh autostart "$1"
rm -r "$PWD"`;
