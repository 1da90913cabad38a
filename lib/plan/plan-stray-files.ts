// What to do about files on a host that have names of ours and that no VM is known to use. Pure.
//
// Nothing is deleted for its name. A file that seems to hold nothing is put under a guard of the VM that runs on what it
// is based on, and guard.sh decides by its own rules; everything else is for a person to look at.

import type { FileOfOurs, Recovery, StrayOverlay, StrayReason } from "../model/recovery.ts";
import type { HostFacts, VmFacts } from "../model/vm.ts";
import { includedDisks, isActive } from "./check-vm.ts";
import { fileOwner, overlayOwner } from "./overlay-name.ts";
import { mayNeedThaw } from "./plan-recovery.ts";

/** What is in it, as far as that could be told. */
export interface StrayLook extends FileOfOurs {
  readonly backingPath: string | undefined;
  /** Whether it holds nothing of its own; undefined when that was not asked or cannot be told. */
  readonly isEmpty: boolean | undefined;
  /** Why it cannot be read. */
  readonly trouble: string | undefined;
}

type Facts = Pick<HostFacts, "guards" | "vms" | "unreadable" | "imageUsers">;

/** Those that no VM uses and no guard answers for. */
export function findUnused<File extends FileOfOurs>(files: readonly File[], facts: Facts): readonly File[] {
  const answeredFor = new Set(facts.guards.map(({ backupId }) => backupId));
  return files.filter(
    ({ path, inode }) => !answeredFor.has(fileOwner(path) ?? "") && !facts.imageUsers.has(`file ${inode}`),
  );
}

/**
 * The one disk of the one VM that runs on this image, both now and by its definition. One that is off here may run on
 * another host that shares the folder, and there on the very file that nobody uses here.
 */
export function diskOn(
  imagePath: string | undefined,
  { vms }: Pick<Facts, "vms">,
): { readonly vm: VmFacts; readonly target: string } | undefined {
  const users = vms.flatMap((vm) =>
    includedDisks(vm).flatMap(({ path, target }) => (path === imagePath ? [{ vm, target }] : [])),
  );
  const [user] = users;
  const runs = users.length === 1 && user !== undefined && isActive(user.vm);
  const isSure = runs && user.vm.inactiveDomain.disks.some((disk) => disk.path === imagePath);
  return isSure ? user : undefined;
}

/** What to do about unused files. */
export function planStrayFiles(looks: readonly StrayLook[], facts: Facts): readonly Recovery[] {
  const forPersons: Recovery[] = [];
  const adoptions = new Map<VmFacts, StrayOverlay[]>();
  for (const look of looks) {
    const user = diskOn(look.backingPath, facts);
    const why = whyNot(look, { user, looks, facts });
    const overlay = user === undefined ? undefined : asOverlay(look, user);
    if (why === undefined && user !== undefined && overlay !== undefined) {
      adoptions.set(user.vm, [...(adoptions.get(user.vm) ?? []), overlay]);
    } else {
      const detail = look.trouble ?? look.backingPath ?? "";
      forPersons.push({
        ...{ kind: "stray-file", vm: user?.vm, path: look.path, detail },
        why: why ?? "unknown-users",
      });
    }
  }
  return [...[...adoptions].map(([vm, overlays]) => adopt(vm, overlays)), ...forPersons];
}

interface Surroundings {
  readonly user: ReturnType<typeof diskOn>;
  readonly looks: readonly StrayLook[];
  readonly facts: Facts;
}

function whyNot(look: StrayLook, { user, looks, facts }: Surroundings): StrayReason | undefined {
  if (overlayOwner(look.path) === undefined) return "clone";
  if (!look.isPlain || look.trouble !== undefined) return "unreadable";
  if (looks.some(({ backingPath }) => backingPath === look.path) || !isEveryUserKnown(facts))
    return "unknown-users";
  if (user === undefined) return "unknown-vm";
  if (facts.guards.some(({ uuid }) => uuid === user.vm.uuid)) return "guarded";
  if (look.isEmpty === undefined) return "unreadable";
  return look.isEmpty ? undefined : "holds-data";
}

/** Any image of which it cannot be told may be based on any file. */
function isEveryUserKnown({ vms, unreadable }: Facts): boolean {
  return unreadable.length === 0 && vms.every(({ chainTroubles }) => chainTroubles.size === 0);
}

function asOverlay(
  look: StrayLook,
  { vm, target }: { readonly vm: VmFacts; readonly target: string },
): StrayOverlay | undefined {
  const base = vm.chains.get(target)?.[0];
  if (base === undefined) return undefined;
  const { path: basePath, format: baseFormat, source: baseSource } = base;
  return { target, overlayPath: look.path, basePath, baseFormat, baseSource };
}

function adopt(vm: VmFacts, overlays: readonly StrayOverlay[]): Recovery {
  const backupId = overlayOwner(overlays[0]?.overlayPath ?? "") ?? "";
  return { kind: "adopt", vm, backupId, overlays, isInUse: false, thawsGuest: mayNeedThaw(vm) };
}
