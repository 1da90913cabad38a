// What the owner of a restored VM should know of it. Pure.

import type { HostNeeds } from "../hypervisor/host-needs.ts";
import type { RestoreNote } from "../model/restore.ts";
import { diskFate } from "./plan-detachment.ts";
import type { StoredVm } from "./stored-vm.ts";
import { isThere, type TargetFacts } from "./target-facts.ts";

/** Everything that is other than in the VM it was backed up from, besides names and addresses. */
export function restoreNotes(
  { domain, manifest }: StoredVm,
  { needs, facts }: { readonly needs: HostNeeds; readonly facts: TargetFacts },
): readonly RestoreNote[] {
  const notes: RestoreNote[] = [];
  for (const disk of domain.disks) {
    if (disk.kind === "included") continue; // copied, or the backup is refused
    const fate = diskFate(disk, facts);
    const { target, path } = disk;
    if (fate === "drop") notes.push({ kind: "disk-left-out", target, path });
    if (fate === "eject" && path !== undefined) notes.push({ kind: "medium-ejected", target, path });
  }
  if (needs.hostDevices > 0) notes.push({ kind: "host-devices-left-out", count: needs.hostDevices });
  for (const path of needs.sharedFolders)
    if (!isThere(facts, path)) notes.push({ kind: "folder-left-out", path });
  const hasVariables = manifest.bootFiles.some(({ role }) => role === "nvram");
  const wantsVariables = domain.nvramPath !== undefined || domain.hasNetworkNvram;
  if (wantsVariables && !hasVariables) notes.push({ kind: "new-variables" });
  if (domain.hasTpmState) notes.push({ kind: "new-tpm" });
  if (manifest.vm.startsWithHost === true) notes.push({ kind: "no-autostart" });
  if (needs.hasQemuArguments) notes.push({ kind: "qemu-arguments" });
  return notes;
}
