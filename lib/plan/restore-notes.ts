// What the owner of a restored VM should know of it. Pure.

import type { HostNeeds } from "../hypervisor/host-needs.ts";
import type { RestoreNote } from "../model/restore.ts";
import type { DiskFate } from "../hypervisor/detach-disks.ts";
import type { DomainDisk } from "../model/vm.ts";
import { originalFate } from "./original-detachment.ts";
import { diskFate } from "./plan-detachment.ts";
import type { StoredVm } from "./stored-vm.ts";
import { isThere, type TargetFacts } from "./target-facts.ts";

/** Everything that is other than in the VM it was backed up from, besides names and addresses, for one of its own. */
export function restoreNotes(
  stored: StoredVm,
  {
    needs,
    facts,
    hasTpmState,
  }: { readonly needs: HostNeeds; readonly facts: TargetFacts; readonly hasTpmState: boolean },
): readonly RestoreNote[] {
  return [
    ...diskNotes(stored, (disk) => diskFate(disk, facts)),
    ...hostNotes(needs, facts),
    ...stateNotes(stored, hasTpmState),
    ...(needs.hasQemuArguments ? [{ kind: "qemu-arguments" } as const] : []),
  ];
}

/** The same for one that comes back as what it was: on its own host it has all that is still there. */
export function originalNotes(
  stored: StoredVm,
  {
    needs,
    facts,
    isSameHost,
    hasTpmState,
  }: {
    readonly needs: HostNeeds;
    readonly facts: TargetFacts;
    readonly isSameHost: boolean;
    readonly hasTpmState: boolean;
  },
): readonly RestoreNote[] {
  return [
    ...diskNotes(stored, (disk) => originalFate(disk, facts)),
    ...hostNotes({ ...needs, hostDevices: isSameHost ? 0 : needs.hostDevices }, facts),
    ...stateNotes(stored, hasTpmState),
  ];
}

function diskNotes({ domain }: StoredVm, fateOf: (disk: DomainDisk) => DiskFate): readonly RestoreNote[] {
  return domain.disks.flatMap((disk): readonly RestoreNote[] => {
    if (disk.kind === "included") return []; // copied, or the backup is refused
    const { target, path } = disk;
    const fate = fateOf(disk);
    if (fate === "drop") return [{ kind: "disk-left-out", target, path }];
    return fate === "eject" && path !== undefined ? [{ kind: "medium-ejected", target, path }] : [];
  });
}

function hostNotes({ hostDevices, sharedFolders }: HostNeeds, facts: TargetFacts): readonly RestoreNote[] {
  return [
    ...(hostDevices > 0 ? [{ kind: "host-devices-left-out", count: hostDevices } as const] : []),
    ...sharedFolders
      .filter((path) => !isThere(facts, path))
      .map((path): RestoreNote => ({ kind: "folder-left-out", path })),
  ];
}

function stateNotes({ domain, manifest }: StoredVm, hasTpmState: boolean): readonly RestoreNote[] {
  const secret = hasTpmState ? domain.tpm?.secret : undefined;
  const hasVariables = manifest.bootFiles.some(({ role }) => role === "nvram");
  const wantsVariables = domain.nvramPath !== undefined || domain.hasNetworkNvram;
  return [
    ...(wantsVariables && !hasVariables ? [{ kind: "new-variables" } as const] : []),
    ...(domain.tpm?.backend === "emulator" && !hasTpmState ? [{ kind: "new-tpm" } as const] : []),
    ...(secret === undefined ? [] : [{ kind: "tpm-secret", secret } as const]),
  ];
}
