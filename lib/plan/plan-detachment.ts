// How a restored VM comes to do without what only its original can have. Pure.

import { createHash } from "node:crypto";
import { basename } from "node:path/posix";
import type { Detachment } from "../hypervisor/detach-domain.ts";
import type { DiskFate } from "../hypervisor/detach-disks.ts";
import type { MacChoice, NetworkChoice } from "../model/restore.ts";
import type { DomainDisk } from "../model/vm.ts";
import { folderName } from "./restore-folder.ts";
import { isThere, type TargetFacts } from "./target-facts.ts";

interface Choices {
  readonly network: NetworkChoice;
  readonly mac: MacChoice;
  readonly generationId: string;
  readonly random: Uint8Array;
}

/** What takes the place of what. The same for the VM and for its snapshots. */
export function detachmentFor(
  { folder, facts }: { readonly folder: string; readonly facts: TargetFacts },
  { network, mac, generationId, random }: Choices,
): Detachment {
  const { missingPlugs } = facts;
  return {
    interfaces: {
      mac: mac === "keep" ? (address) => address : (address) => newMac(address, random),
      plug: network.kind === "network" ? { network: network.name } : network.kind,
      isThere: (plug) => !missingPlugs.some(({ kind, name }) => kind === plug.kind && name === plug.name),
    },
    logPath: (path) => `${folder}/${folderName(basename(path)) || "log"}`,
    // The copies lie in the VM's own folder.
    diskFate: (disk) => (disk.path?.startsWith(`${folder}/`) === true ? "keep" : diskFate(disk, facts)),
    keepsFolder: (path) => isThere(facts, path),
    generationId,
  };
}

/** What becomes of a disk of which there is no copy: nothing that the original may write to stays. */
export function diskFate(disk: DomainDisk, facts: TargetFacts): DiskFate {
  if (disk.kind === "included") return "drop";
  if (disk.reason === "no-source") return "keep";
  const { reason, path } = disk;
  const isFound = path !== undefined && isThere(facts, path);
  if (reason === "cdrom" || reason === "floppy") return path === undefined || isFound ? "keep" : "eject";
  return (reason === "read-only" || reason === "transient") && isFound ? "keep" : "drop";
}

/** An address with the prefix that QEMU and KVM have for their guests. */
function newMac(address: string, random: Uint8Array): string {
  const digest = createHash("sha256").update(random).update(address.toLowerCase()).digest("hex");
  return ["52", "54", "00", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(":");
}
