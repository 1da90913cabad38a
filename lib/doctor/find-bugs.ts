// Versions of tools → the faults that they are known for and that a backup meets or goes round.

import { isAtLeast, versionNumbers, type Version } from "../hypervisor/versions.ts";
import type { KnownBug, Severity } from "../model/finding.ts";
import type { HostVersions, ToolVersions } from "../model/host.ts";

/** A fault that a tool of this version has. */
export interface FoundBug {
  readonly bug: KnownBug;
  readonly version: string | undefined;
  readonly severity: Exclude<Severity, "ok">;
}

interface Rule {
  readonly bug: KnownBug;
  readonly severity: FoundBug["severity"];
  readonly fixed: Version;
}

/** The first release for which libvirt's own manual says that it can commit the image a VM runs on. */
const libvirtRules: readonly Rule[] = [{ bug: "libvirt-too-old", severity: "problem", fixed: [1, 2, 9] }];
const confinedRules: readonly Rule[] = [{ bug: "apparmor-denies-commit", severity: "note", fixed: [12, 1] }];
const qemuRules: readonly Rule[] = [{ bug: "qemu-too-old", severity: "problem", fixed: [2, 1] }];
const imageRules: readonly Rule[] = [{ bug: "no-image-locks", severity: "note", fixed: [2, 10] }];
const senderRules: readonly Rule[] = [{ bug: "rsync-too-old", severity: "problem", fixed: [3, 0] }];
const receiverRules: readonly Rule[] = [
  { bug: "rsync-too-old", severity: "problem", fixed: [3, 1] },
  // Distributions mend it without another version, so this may be a false alarm.
  { bug: "rsync-hostile-sender", severity: "note", fixed: [3, 4, 3] },
];

/** Faults of what a host has. `models`: what libvirt keeps VMs apart with there. */
export function findBugsThere(versions: HostVersions, models: readonly string[]): readonly FoundBug[] {
  return [
    ...apply(libvirtRules, versions.libvirt),
    ...(models.includes("apparmor") ? apply(confinedRules, versions.libvirt) : []),
    ...apply(qemuRules, versions.qemu),
    ...apply(imageRules, versions.qemuImg),
    ...apply(senderRules, versions.rsync),
  ];
}

/** Faults of what this machine has: it is the one that receives. */
export function findBugsHere(versions: ToolVersions): readonly FoundBug[] {
  const found = apply(receiverRules, versions.rsync);
  const worst = found.find(({ severity }) => severity === "problem");
  return worst === undefined ? found : [worst];
}

/** Nothing is said of a version that cannot be told. */
function apply(rules: readonly Rule[], version: string | undefined): readonly FoundBug[] {
  if (versionNumbers(version).length === 0) return [];
  return rules
    .filter(({ fixed }) => !isAtLeast(version, fixed))
    .map(({ bug, severity }) => ({ bug, severity, version }));
}
