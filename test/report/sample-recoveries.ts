// Everything that can be left on a host, and all that can become of it, with names that have broken tools.

import {
  strayReasons,
  type Recovery,
  type RecoveryOutcome,
  type StrayOverlay,
} from "../../lib/model/recovery.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";
import { buildDomain, buildVmFacts } from "../support/build-vm-facts.ts";

/** A definition has passwords in it. */
export const secret = "s3cret-of-the-console";
const secretXml = `<domain><devices><graphics type='vnc' passwd='${secret}'/></devices></domain>`;

export const awkwardName = `Ümläut & <Söhne> "it's"\n\u001b[2J`;
const vm = buildVmFacts({ inactiveXml: secretXml, domain: buildDomain({ name: awkwardName }) });
export const guard = buildGuardFacts({ vm: awkwardName });
const path = "/images/it's/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const overlay: StrayOverlay = {
  ...{ target: "vda", overlayPath: path, basePath: "/b", baseFormat: "raw", baseSource: "file" },
};

export const recoveries: readonly Recovery[] = [
  { kind: "held", guard },
  { kind: "restore", guard },
  ...([true, false] as const).map((isInUse): Recovery => ({
    ...{ kind: "adopt", vm, backupId: guard.backupId, overlays: [overlay], isInUse, thawsGuest: true },
  })),
  { kind: "unknown-base", vm, target: "vda", path, livePath: undefined, detail: "no such file" },
  { kind: "unknown-base", vm, target: "vda", path, livePath: "/b", detail: "" },
  {
    kind: "shared-base",
    vm,
    target: "vda",
    overlayPath: path,
    basePath: "/b",
    users: [awkwardName, "clone"],
  },
  { kind: "covered-overlay", vm, target: "vda", topPath: "/top", overlayPath: path },
  ...strayReasons.map((why): Recovery => ({ kind: "stray-file", vm: undefined, path, why, detail: "/b" })),
  { kind: "paused-guest", vm },
];
const left = ["fold-overlay", "thaw-guest", "resume-guest", "restore-host"].map((action) => ({
  ...{ action, detail: "vda: \u001b[2Jno" },
}));
export const outcomes: {
  readonly [Kind in RecoveryOutcome["kind"]]: Extract<RecoveryOutcome, { kind: Kind }>;
} = {
  restored: { kind: "restored" },
  "ended-by-itself": { kind: "ended-by-itself" },
  held: { kind: "held" },
  left: { kind: "left", left, command: "sh /x/guard.sh restore" },
  "needs-person": { kind: "needs-person" },
  failed: {
    kind: "failed",
    reason: { kind: "guard-failed", host: "kvm1", vm: awkwardName, detail: "no flock" },
  },
  interrupted: { kind: "interrupted" },
  "would-restore": { kind: "would-restore" },
  "would-wait": { kind: "would-wait", seconds: 42 },
};
