// How a VM that comes back as what it was does without what its host does not have. Pure.

import type { Detachment } from "../hypervisor/detach-domain.ts";
import type { DiskFate } from "../hypervisor/detach-disks.ts";
import type { NetworkChoice } from "../model/restore.ts";
import type { DomainDisk } from "../model/vm.ts";
import { isThere, type TargetFacts } from "./target-facts.ts";

interface Choices {
  readonly network: NetworkChoice;
  readonly generationId: string;
  readonly isSameHost: boolean;
}

/** What becomes of what is not there. Addresses, ports and files stay as they were. */
export function originalDetachment(
  facts: TargetFacts,
  { network, generationId, isSameHost }: Choices,
): Detachment {
  return {
    interfaces: {
      mac: (address) => address,
      plug: network.kind === "network" ? { network: network.name } : network.kind,
      isThere: (plug) =>
        !facts.missingPlugs.some(({ kind, name }) => kind === plug.kind && name === plug.name),
    },
    logPath: (path) => path,
    diskFate: (disk) => originalFate(disk, facts),
    keepsFolder: (path) => isThere(facts, path),
    generationId,
    original: { isSameHost },
  };
}

/** A disk of which there is no copy stays where the host has it. */
export function originalFate(disk: DomainDisk, facts: TargetFacts): DiskFate {
  const { kind, path } = disk;
  if (kind === "included" || path === undefined || !path.startsWith("/") || isThere(facts, path))
    return "keep";
  return disk.reason === "cdrom" || disk.reason === "floppy" ? "eject" : "drop";
}
