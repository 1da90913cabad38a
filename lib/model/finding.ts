// What a look at hosts and store finds: what is as it should be, and what somebody should know or do.

import type { Degradation } from "./event.ts";
import type { FailureReason, VmObstacle } from "./failure.ts";
import type { LeftOnHost } from "./guard.ts";
import type { HostVersions, ToolVersions } from "./host.ts";
import type { PlanWarning } from "./plan.ts";
import type { Confinement, GuardFolder } from "./readiness.ts";
import type { Recovery } from "./recovery.ts";

/**
 * `note`: good to know. `warning`: a backup would be less than whole, or something waits to be put right.
 * `problem`: something would not be backed up.
 */
export const severities = ["ok", "note", "warning", "problem"] as const;
export type Severity = (typeof severities)[number];

/** A fault of some version of a tool, which a backup meets or goes round. */
export const knownBugs = [
  /** libvirt before 1.2.9 cannot commit the image that a VM runs on. */
  "libvirt-too-old",
  "qemu-too-old",
  /** qemu-img before 2.10 does not lock images. */
  "no-image-locks",
  /** libvirt before 12.1.0 may be denied the commit by AppArmor. */
  "apparmor-denies-commit",
  /** rsync before 3.1.0 does not tell its progress, before 3.0 it knows no `-s`. */
  "rsync-too-old",
  /** rsync before 3.4.3 has holes that a hostile sender can use. */
  "rsync-hostile-sender",
] as const;
export type KnownBug = (typeof knownBugs)[number];

/** What a guest agent does. */
export type AgentState = "answers" | "silent" | "not-connected" | "no-channel";

/** What is tried with a VM made for that. */
export const canarySteps = [
  "choose-machine",
  "create-image",
  "start-vm",
  "take-snapshot",
  "commit-overlay",
] as const;
export type CanaryStep = (typeof canarySteps)[number];

/** What trying came to. */
export interface Canary {
  /** What did not work, and what was said of it; both missing when all did. */
  readonly step?: CanaryStep;
  readonly detail?: string;
  /** What of it could not be removed from the host, and the command that tries that again there. */
  readonly left: readonly LeftOnHost[];
  readonly command: string;
  readonly seconds: number;
}

/** What was found. */
export type Finding =
  // this machine
  | { readonly kind: "tools-here"; readonly versions: ToolVersions }
  // hosts
  /** Something could not be asked, or is not there. */
  | { readonly kind: "failed"; readonly reason: FailureReason }
  | { readonly kind: "reached"; readonly user: string; readonly isRoot: boolean; readonly sudo: boolean }
  /** Whether OpenSSH and rsync bring a file from there. */
  | { readonly kind: "data-path"; readonly isOpen: boolean; readonly detail: string }
  | { readonly kind: "tools-missing"; readonly tools: readonly string[] }
  | { readonly kind: "versions"; readonly versions: HostVersions }
  | { readonly kind: "known-bug"; readonly bug: KnownBug; readonly version: string | undefined }
  | ({ readonly kind: "guard-folder" } & GuardFolder)
  /** systemd ends what a login leaves behind, and so the guard's watcher. */
  | { readonly kind: "session-ends"; readonly user: string }
  | ({ readonly kind: "confinement" } & Confinement)
  /** A snapshot was taken and committed, of a VM made for that. */
  | ({ readonly kind: "canary" } & Canary)
  | { readonly kind: "vms-found"; readonly vms: number; readonly leftOut: readonly string[] }
  /** Something of a backup: one that is at work, or one that died. */
  | { readonly kind: "left-over"; readonly recovery: Recovery }
  // VMs
  | { readonly kind: "vm-ready"; readonly disks: number }
  | { readonly kind: "obstacle"; readonly obstacle: VmObstacle }
  | { readonly kind: "degraded"; readonly degradation: Degradation }
  | { readonly kind: "vm-warning"; readonly warning: PlanWarning }
  | { readonly kind: "agent"; readonly state: AgentState }
  /** Files beside the disks that the login cannot read. */
  | { readonly kind: "unreadable-files"; readonly paths: readonly string[] }
  /** The login cannot delete what is in it: the guard could never take its overlay away. */
  | { readonly kind: "closed-folder"; readonly directory: string }
  // the store
  | { readonly kind: "store-open"; readonly freeBytes: number; readonly backups: number }
  | { readonly kind: "store-small"; readonly freeBytes: number; readonly neededBytes: number }
  | { readonly kind: "store-lock"; readonly lock: StoreLock }
  | { readonly kind: "store-leftover"; readonly path: string; readonly fate: StoreLeftover }
  | { readonly kind: "store-entry"; readonly path: string; readonly isBackup: boolean };

/** Who has the store's lock. `dead`: the next backup takes it over. */
export interface StoreLock {
  readonly path: string;
  readonly state: "alive" | "unknown" | "dead";
  readonly holder: { readonly user: string; readonly machine: string; readonly pid: number } | undefined;
  readonly since: string | undefined;
}

/** `dead`: the next backup of that VM removes it. */
export type StoreLeftover = "dead" | "in-use" | "unknown-owner" | "not-ours" | "failed";

/** Where it was found. */
export type FindingPlace =
  | { readonly kind: "here" }
  | { readonly kind: "store"; readonly store: string }
  | { readonly kind: "host"; readonly host: string }
  | { readonly kind: "vm"; readonly host: string; readonly vm: string };

/** A finding with how much it matters. */
export interface Judgement {
  readonly place: FindingPlace;
  readonly severity: Severity;
  /** Whether no program can put it right. */
  readonly needsPerson: boolean;
  readonly finding: Finding;
}

/** All of an examination. */
export interface Examination {
  readonly judgements: readonly Judgement[];
  /** The hosts that were to be looked at, in order, and the store; undefined for none. */
  readonly hosts: readonly string[];
  readonly store: string | undefined;
  /** Whether every host was asked to the end. */
  readonly isComplete: boolean;
}
