// A backup + what its host says + how its images come there → what a drill will do. Pure.

import { createHash } from "node:crypto";
import { isolateDomain } from "../hypervisor/isolate-domain.ts";
import type { DrillOverlay, DrillPlan, DrillWay, Expectation } from "../model/drill.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import { planRestore, type RestoreAttempt, type RestoreOptions } from "./plan-restore.ts";
import { folderName } from "./restore-folder.ts";
import type { StoredVm } from "./stored-vm.ts";
import type { TargetFacts } from "./target-facts.ts";

/** What was asked for. */
export interface DrillOptions {
  readonly expected: Expectation;
  readonly timeoutSeconds: number;
  readonly imageFolder: string | undefined;
  readonly leaseSeconds: number;
  /** What each image may take of the link; 0 for no limit. */
  readonly bytesPerSecond: number;
}

/** Whether the host's QEMU can read the backup where it is. */
export type StoreSight =
  { readonly kind: "seen"; readonly owner: string } | { readonly kind: "unseen"; readonly why: string };

/**
 * The UUID of the clone of a VM, the same in each drill: so two drills of one VM on one host exclude each other, what a
 * dead one has left is undone by the next one, and locks and receipts do not pile up there.
 */
export function drillUuid(vmUuid: string): string {
  const hex = createHash("sha256").update(`virtfold drill ${vmUuid.toLowerCase()}`).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`];
  return [...parts, hex.slice(20, 32)].join("-");
}

/** The clone's name: the guard knows by the id in it that it may be ended. */
export function drillName(vm: string, restoreId: string): string {
  return `drill-${folderName(vm).slice(0, 40)}.virtfold-${restoreId}`;
}

/** The restore that a drill begins with. */
export function drillRestoreOptions(
  { manifest }: StoredVm,
  { imageFolder, leaseSeconds, bytesPerSecond }: DrillOptions,
  restoreId: string,
): RestoreOptions {
  return {
    ...{ name: drillName(manifest.vm.name, restoreId), imageFolder, leaseSeconds, bytesPerSecond },
    ...{ network: { kind: "detach" }, mac: "new", withSnapshots: false, starts: false },
  };
}

const mostReserveBytes = 2 ** 30;
/** What a clone on overlays needs at least, beside the reserve. */
const overlayBytes = 256 * 1024 * 1024;

/**
 * Plans a drill.
 * @throws BackupError `drill-impossible`, `restore-misfit`, `backup-unusable`; XmlError when the definition cannot be used.
 */
export function planDrill(
  found: {
    readonly host: Host;
    readonly stored: StoredVm;
    readonly facts: TargetFacts;
    readonly sight: StoreSight;
  },
  options: DrillOptions,
  attempt: RestoreAttempt,
): DrillPlan {
  const { host, stored, sight } = found;
  const vm = stored.manifest.vm.name;
  const facts = withoutOldClones(found.facts, attempt.uuid);
  const free = facts.freeBytes ?? 0;
  const clone = planRestore(
    // The overlays are empty: what there must be room for is looked at below.
    {
      host,
      stored,
      facts: sight.kind === "seen" && free >= overlayBytes ? { ...facts, freeBytes: Infinity } : facts,
    },
    drillRestoreOptions(stored, options, attempt.restoreId),
    attempt,
  );
  const folder = clone.folder.path;
  const serialPath = `${folder}/serial.log`;
  const overlays = sight.kind === "seen" ? overlaysOf(stored, folder) : [];
  // Libvirt knows the clone by its id, and there is nothing to reveal: all of it lies where it is used.
  const files = clone.files.map((file) => (file.role === "tpm" ? file : { ...file, stagedPath: file.path }));
  const isolated = isolateDomain(clone.definition, {
    serialPath,
    overlays: new Map(overlays.map(({ own, path }) => [own, path])),
  });
  const why = findObstacle(stored, isolated, options.expected);
  if (why !== undefined) throw new BackupError({ kind: "drill-impossible", vm, why });
  return {
    clone: {
      ...clone,
      definition: isolated.xml,
      folder: { path: folder, stagedPath: folder },
      files: sight.kind === "seen" ? files.filter(({ role }) => role !== "disk") : files,
      freeBytes: free,
    },
    way: wayOf(sight, overlays),
    expected: options.expected,
    timeoutSeconds: options.timeoutSeconds,
    serialPath: isolated.hasSerial ? serialPath : undefined,
    reserveBytes: Math.floor(Math.min(mostReserveBytes, free / 10)),
  };
}

/** What a dead drill of this VM left is no obstacle: the guard undoes it before it is armed anew. */
function withoutOldClones(facts: TargetFacts, uuid: string): TargetFacts {
  const isOld = (vm: { readonly name: string; readonly uuid: string }): boolean =>
    vm.uuid === uuid && /^drill-.*\.virtfold-[A-Za-z0-9-]+$/.test(vm.name);
  return { ...facts, vms: facts.vms.filter((vm) => !isOld(vm)) };
}

type PlannedOverlay = DrillOverlay & { readonly own: string };

function overlaysOf({ path, manifest }: StoredVm, folder: string): readonly PlannedOverlay[] {
  return manifest.disks.map(({ target, layers }, index) => ({
    target,
    // Where the restored definition has the copy.
    own: `${folder}/${layers[0]?.fileName ?? ""}`,
    path: `${folder}/disk-${index}.overlay`,
    layers: layers.map(({ fileName, format }) => ({ path: `${path}/${fileName}`, format })),
  }));
}

function wayOf(sight: StoreSight, overlays: readonly PlannedOverlay[]): DrillWay {
  if (sight.kind === "unseen") return { kind: "copy", why: sight.why };
  return { kind: "overlay", owner: sight.owner, overlays: overlays.map(({ own: _, ...overlay }) => overlay) };
}

function findObstacle(
  { domain }: StoredVm,
  isolated: { readonly hasSerial: boolean; readonly hasQemuArguments: boolean },
  expected: Expectation,
): "no-agent" | "no-serial" | "qemu-arguments" | undefined {
  if (isolated.hasQemuArguments) return "qemu-arguments";
  if (expected.kind === "serial") return isolated.hasSerial ? undefined : "no-serial";
  return domain.hasAgentChannel ? undefined : "no-agent";
}
