// Proving that a backup boots: what is waited for, what happens, what came of it.

import type { FailureReason } from "./failure.ts";
import type { LeftOnHost } from "./guard.ts";
import type { RestoreEvent, RestorePlan } from "./restore.ts";
import type { DiskFormat } from "./vm.ts";

/** The steps of one drill, in order. */
export const drillStepNames = [
  "arm-guard",
  "bring-images",
  "boot-clone",
  "await-life",
  "keep-evidence",
  "release-host",
] as const;
export type DrillStepName = (typeof drillStepNames)[number];

/** The sign of life that is waited for. */
export type Expectation =
  | { readonly kind: "agent" }
  /** A line of the serial console that matches; RE2 syntax. */
  | { readonly kind: "serial"; readonly pattern: string }
  /** Something listens on this TCP port, says the guest agent. */
  | { readonly kind: "port"; readonly port: number };

/** An empty image on the host through which the clone writes nothing into the backup. */
export interface DrillOverlay {
  readonly target: string;
  /** On the host, in the clone's own folder. */
  readonly path: string;
  /** The backup's own image, and all that it is based on: at the same path there as here. */
  readonly layers: readonly { readonly path: string; readonly format: DiskFormat }[];
}

/** How the clone comes to its images. */
export type DrillWay =
  | {
      readonly kind: "overlay";
      readonly overlays: readonly DrillOverlay[];
      /** Whom QEMU runs as there, `UID:GID`. */
      readonly owner: string;
    }
  | { readonly kind: "copy"; readonly why: string };

/** One drill, decided: plain data. */
export interface DrillPlan {
  /** The clone. Its files are all that is to be pushed. */
  readonly clone: RestorePlan;
  readonly way: DrillWay;
  readonly expected: Expectation;
  readonly timeoutSeconds: number;
  /** What the guest prints, on the host; undefined for one that has no serial console. */
  readonly serialPath: string | undefined;
  /** When less than this is free where the clone writes, the drill ends. */
  readonly reserveBytes: number;
}

/** Why a clone showed no life. */
export type DrillTrouble =
  | { readonly kind: "not-started"; readonly detail: string }
  | { readonly kind: "ended"; readonly state: string }
  | { readonly kind: "silent"; readonly seconds: number; readonly detail: string }
  | { readonly kind: "too-much-output"; readonly bytes: number }
  | { readonly kind: "no-room"; readonly path: string; readonly freeBytes: number };

/** What happens during a drill, besides what happens in any restore. */
export type DrillEvent =
  | RestoreEvent
  | {
      readonly kind: "drill-started";
      readonly name: string;
      readonly host: string;
      readonly path: string;
      readonly expected: Expectation;
    }
  | { readonly kind: "drill-step"; readonly step: DrillStepName }
  | { readonly kind: "way-chosen"; readonly way: DrillWay }
  | { readonly kind: "clone-booted"; readonly name: string; readonly timeoutSeconds: number }
  | { readonly kind: "sign-of-life"; readonly rtoSeconds: number; readonly bootSeconds: number }
  | { readonly kind: "no-life"; readonly trouble: DrillTrouble }
  | { readonly kind: "evidence-kept"; readonly path: string }
  | { readonly kind: "evidence-missing"; readonly what: string; readonly detail: string }
  | { readonly kind: "clone-removed" };

/** What a drill that was carried out came to. */
export type DrillFinding =
  | { readonly kind: "booted"; readonly rtoSeconds: number; readonly bootSeconds: number }
  | { readonly kind: "failed"; readonly trouble: DrillTrouble; readonly evidence: readonly string[] };

/** How the drill of one backup ended; "undone": it could not be carried out, and says nothing of the backup. */
export interface DrillResult {
  readonly host: string;
  readonly vm: string;
  readonly path: string;
  readonly folderName: string;
  readonly on: string;
  readonly outcome: DrillFinding | { readonly kind: "undone"; readonly reason: FailureReason };
  readonly leftOnHost: readonly LeftOnHost[];
  /** Why the result could not be noted beside the backup. */
  readonly recordProblem: string | undefined;
}

/** As `--expect` has it. */
export function expectationText(expected: Expectation): string {
  if (expected.kind === "agent") return "agent";
  return expected.kind === "port" ? `port:${expected.port}` : `serial:${expected.pattern}`;
}
