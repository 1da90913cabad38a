// What happens while commands run. Steps emit; report/ shows.

import type { Consistency } from "./backup.ts";
import type { FailureReason } from "./failure.ts";
import type { LeftOnHost } from "./guard.ts";
import type { PlanWarning, SkippedDisk, TpmTrouble } from "./plan.ts";

/** The steps of one VM's backup, in order. */
export const stepNames = [
  "inspect-vm",
  "arm-guard",
  "take-snapshot",
  "copy-disks",
  "restore-host",
  "verify-copies",
  "publish-backup",
] as const;
export type StepName = (typeof stepNames)[number];

/** What happened to one VM. */
export type VmEvent =
  /** A run that died has left something of this VM on its host. */
  | { readonly kind: "left-over-found"; readonly backupId: string }
  | { readonly kind: "left-over-restored"; readonly backupId: string }
  | { readonly kind: "vm-started" }
  | { readonly kind: "step-started"; readonly step: StepName }
  | { readonly kind: "disk-found"; readonly target: string; readonly path: string }
  | { readonly kind: "disk-skipped"; readonly disk: SkippedDisk }
  | { readonly kind: "warning"; readonly warning: PlanWarning }
  | {
      readonly kind: "snapshot-skipped";
      readonly state: string;
      readonly consistency: Consistency;
      readonly why: string | undefined;
    }
  /** From here on a person could restore the host with this command. */
  | { readonly kind: "guard-armed"; readonly command: string }
  | { readonly kind: "overlay-created"; readonly target: string; readonly path: string }
  | { readonly kind: "snapshot-taken"; readonly consistency: Consistency; readonly why: string | undefined }
  | {
      readonly kind: "copy-started";
      readonly target: string;
      readonly from: string;
      readonly to: string;
      readonly totalBytes: number;
    }
  | {
      readonly kind: "copy-progress";
      readonly target: string;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  /** The link broke; the copy goes on after the pause. */
  | {
      readonly kind: "copy-broken";
      readonly target: string;
      readonly detail: string;
      readonly pauseSeconds: number;
    }
  | {
      readonly kind: "copy-finished";
      readonly target: string;
      /** The length of the image, all of which was read. */
      readonly bytes: number;
      /** What came over the link for it. */
      readonly sentBytes: number;
      readonly seconds: number;
    }
  | { readonly kind: "internal-snapshots"; readonly names: readonly string[] }
  | { readonly kind: "restoring-host" }
  | { readonly kind: "fold-progress"; readonly target: string; readonly percent: number }
  | { readonly kind: "overlay-folded"; readonly target: string; readonly into: string }
  | {
      readonly kind: "host-restored";
      readonly secondsOnOverlay: number;
      readonly overlayPeakBytes: number;
    }
  | { readonly kind: "left-on-host"; readonly left: readonly LeftOnHost[]; readonly command: string }
  | {
      readonly kind: "verify-progress";
      readonly fileName: string;
      readonly bytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly kind: "not-compressed";
      readonly target: string;
      readonly reason: "holds-snapshots" | "backing-chain";
    }
  | {
      readonly kind: "compressed";
      readonly target: string;
      readonly bytesBefore: number;
      readonly bytesAfter: number;
      readonly method: string;
    }
  | { readonly kind: "xml-written"; readonly path: string }
  | {
      readonly kind: "published";
      readonly path: string;
      readonly storedBytes: number;
      /** Why the link `latest` does not lead to it; undefined when it does. */
      readonly latestProblem: string | undefined;
    }
  | { readonly kind: "partial-kept"; readonly path: string; readonly detail: string }
  | {
      readonly kind: "rotated";
      readonly kept: number;
      readonly removed: readonly string[];
      readonly directory: string;
    }
  | { readonly kind: "rotation-failed"; readonly directory: string; readonly detail: string }
  | { readonly kind: "vm-finished"; readonly outcome: Outcome };

/** How one VM's backup ended. No member stands for "anything else". */
export type Outcome =
  | {
      readonly kind: "backed-up";
      readonly path: string;
      readonly consistency: Consistency;
      readonly storedBytes: number;
      readonly secondsOnOverlay: number;
      readonly overlayPeakBytes: number;
      readonly seconds: number;
      /** Why this is less than a whole backup; empty when it is whole. */
      readonly degradedBy: readonly Degradation[];
      readonly leftOnHost: readonly LeftOnHost[];
    }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly leftOnHost: readonly LeftOnHost[] }
  | { readonly kind: "bug"; readonly error: unknown; readonly leftOnHost: readonly LeftOnHost[] }
  | { readonly kind: "interrupted"; readonly leftOnHost: readonly LeftOnHost[] };

/** What is missing from a backup that was published all the same. */
export type Degradation =
  | { readonly kind: "disk-skipped"; readonly disk: SkippedDisk }
  | { readonly kind: "external-snapshot"; readonly name: string }
  | { readonly kind: "tpm-state"; readonly why: TpmTrouble }
  | { readonly kind: "tpm-secret"; readonly name: string }
  | { readonly kind: "network-nvram" }
  /** The UEFI variables of a VM that has started once: not there, or this login may not see them. */
  | { readonly kind: "nvram-missing"; readonly path: string; readonly why: "missing" | "unreadable" }
  /** A snapshot's own definition names a file that is not in the backup: a disk the VM has no longer. */
  | {
      readonly kind: "snapshot-needs-file";
      readonly name: string;
      readonly target: string;
      readonly path: string;
    }
  | { readonly kind: "rotation-failed"; readonly detail: string };

/** What happened in a run. */
export type Event =
  | { readonly kind: "run-started"; readonly hosts: readonly string[]; readonly store: string }
  | { readonly kind: "survey-started"; readonly host: string }
  | { readonly kind: "host-surveyed"; readonly host: string; readonly vms: number }
  /** What is to be backed up of a host, before any of it has begun. */
  | { readonly kind: "vms-chosen"; readonly host: string; readonly vms: readonly string[] }
  | { readonly kind: "host-failed"; readonly host: string; readonly reason: FailureReason }
  /** The inventory leaves VMs out. */
  | { readonly kind: "vms-left-out"; readonly host: string; readonly vms: readonly string[] }
  | {
      readonly kind: "vm-refused";
      readonly host: string;
      readonly vm: string;
      readonly reason: FailureReason;
    }
  /** The backups are as they are; only the run's own report could not be written. */
  | { readonly kind: "report-failed"; readonly detail: string }
  | { readonly kind: "stopping"; readonly signal: string }
  | { readonly kind: "vm"; readonly host: string; readonly vm: string; readonly event: VmEvent };

/** An event with the moment it happened. */
export type TimedEvent = Event & { readonly at: Date };

/** Takes events as they happen; must not throw and must not wait. */
export type Emit<E> = (event: E) => void;
