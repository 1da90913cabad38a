// One event of each kind, with names that have broken tools; the compiler asks for every member.

import type { Event, Outcome, VmEvent } from "../../lib/model/event.ts";
import type { FailureReason } from "../../lib/model/failure.ts";

export const awkward = `Ümläut & <Söhne> "it's"\n\u202e{}`;

export const goodOutcome: Outcome = {
  kind: "backed-up",
  path: "/s/kvm1/web/x",
  consistency: "filesystem",
  storedBytes: 5,
  secondsOnOverlay: 4.2,
  overlayPeakBytes: 3,
  seconds: 12,
  degradedBy: [],
  leftOnHost: [],
};
const disk = { target: "sda", reason: "cdrom", path: undefined, losesData: false } as const;
const reason: FailureReason = { kind: "vm-changed", vm: awkward, what: "it was started" };
const leftOnHost = [{ action: "fold-overlay", detail: awkward }];

export const outcomes: readonly Outcome[] = [
  goodOutcome,
  {
    ...goodOutcome,
    degradedBy: [
      { kind: "disk-skipped", disk },
      { kind: "tpm-state", why: "missing" },
      { kind: "nvram-missing", path: awkward, why: "unreadable" },
    ],
    leftOnHost,
  },
  { kind: "failed", reason, leftOnHost },
  { kind: "bug", error: new TypeError(awkward), leftOnHost: [] },
  { kind: "bug", error: 7, leftOnHost: [] },
  { kind: "interrupted", leftOnHost: [] },
];

const vmEvents: { readonly [Kind in VmEvent["kind"]]: Omit<Extract<VmEvent, { kind: Kind }>, "kind"> } = {
  "left-over-found": { backupId: "x" },
  "left-over-restored": { backupId: "x" },
  "vm-started": {},
  "step-started": { step: "copy-disks" },
  "disk-found": { target: "vda", path: awkward },
  "disk-skipped": { disk },
  warning: { warning: { kind: "foreign-overlay", target: "vda", path: awkward } },
  "snapshot-skipped": { state: "shut off", consistency: "crash", why: awkward },
  "guard-armed": { command: "sh /x/guard.sh restore" },
  "overlay-created": { target: "vda", path: "/i/x" },
  "snapshot-taken": { consistency: "crash", why: undefined },
  "copy-started": { target: "vda", from: "/a", to: "/b", totalBytes: 2 },
  "copy-progress": { target: "vda", bytes: 1, totalBytes: 2 },
  "copy-broken": { target: "vda", detail: awkward, pauseSeconds: 2 },
  "copy-finished": { target: "vda", bytes: 2, sentBytes: 1, seconds: 0.5 },
  "internal-snapshots": { names: [awkward] },
  "restoring-host": {},
  "fold-progress": { target: "vda", percent: 3.5 },
  "overlay-folded": { target: "vda", into: "/a" },
  "host-restored": { secondsOnOverlay: 4, overlayPeakBytes: 5 },
  "left-on-host": { left: leftOnHost, command: "sh x" },
  "verify-progress": { fileName: "vda.qcow2", bytes: 1, totalBytes: 2 },
  "not-compressed": { target: "vda", reason: "backing-chain" },
  compressed: { target: "vda", bytesBefore: 2, bytesAfter: 1, method: "zstd" },
  "xml-written": { path: "/s/web.xml" },
  published: { path: "/s/x", storedBytes: 5, latestProblem: undefined },
  "partial-kept": { path: "/s/.partial-x", detail: "EBUSY" },
  rotated: { kept: 6, removed: ["/s/old"], directory: "/s" },
  "rotation-failed": { directory: "/s", detail: "EACCES" },
  "vm-finished": { outcome: goodOutcome },
};

type RunEventKind = Exclude<Event["kind"], "vm">;
const runEvents: { readonly [Kind in RunEventKind]: Omit<Extract<Event, { kind: Kind }>, "kind"> } = {
  "run-started": { hosts: ["kvm1"], store: "/s" },
  "survey-started": { host: "kvm1" },
  "host-surveyed": { host: "kvm1", vms: 3 },
  "vms-chosen": { host: "kvm1", vms: [awkward] },
  "vms-left-out": { host: "kvm1", vms: [awkward] },
  "host-failed": { host: "kvm1", reason: { kind: "connection-lost", host: "kvm1", detail: awkward } },
  "vm-refused": { host: "kvm1", vm: awkward, reason },
  "report-failed": { detail: awkward },
  stopping: { signal: "SIGTERM" },
};

const ofVm = (event: VmEvent): Event => ({ kind: "vm", host: "kvm1", vm: awkward, event });

/** Each kind of event at least once, and each way a backup ends. */
export const sampleEvents: readonly Event[] = [
  ...Object.entries(runEvents).map(([kind, facts]) => ({ kind, ...facts }) as Event),
  ...Object.entries(vmEvents).map(([kind, facts]) => ofVm({ kind, ...facts } as VmEvent)),
  ...outcomes.map((outcome) => ofVm({ kind: "vm-finished", outcome })),
];
