// Step 3: sends the guest's writes to overlays, so that the disks stand still.

import { parseDomain } from "../hypervisor/domain-xml.ts";
import { liveBackingPaths } from "../hypervisor/live-backing.ts";
import { notThawedCode, quiesced } from "../hypervisor/quiesced.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { Consistency } from "../model/backup.ts";
import { BackupError } from "../model/failure.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import type { SourceStamp } from "../model/vm.ts";
import { freezeObstacle } from "../plan/freeze-obstacle.ts";
import { overlayOwner } from "../plan/overlay-name.ts";
import { restingConsistency } from "../plan/resting-consistency.ts";
import type { CommandResult, Guard, Ports } from "./ports.ts";
import { overlayOf, snapshotCommand } from "./snapshot-command.ts";
import { readStamps } from "./source-stamps.ts";

/** Disks that nothing writes to any more. */
export interface FrozenDisks {
  readonly consistency: Consistency;
  /** Why the guest's file systems were not frozen; undefined when they were. */
  readonly whyNotFilesystem: string | undefined;
  /** State of every image when it stood still, by path. */
  readonly stamps: ReadonlyMap<string, SourceStamp>;
}

/** A ping is answered within a second by an agent that is alive; libvirt itself gives up after five. */
const pingSeconds = 10;
/** Windows ends a freeze by itself after 10 s, but its writers may take a minute to get there. */
const quiesceSeconds = 90;
const thawSeconds = 30;
/** libvirt waits 30 s for a VM that is busy. */
const snapshotSeconds = 120;

type Quiescence = { readonly isQuiesced: true } | { readonly isQuiesced: false; readonly why: string };

/**
 * Takes the snapshot of a running VM; a VM that is shut off is taken as it lies.
 * @throws BackupError `snapshot-failed`, `snapshot-incomplete`, `vm-changed`, `quiesce-failed`; the guard undoes whatever was made.
 */
export async function takeSnapshot(
  plan: VmBackupPlan,
  guard: Guard | undefined,
  ports: Ports,
): Promise<FrozenDisks> {
  if (guard === undefined) return await takeAsItLies(plan, ports);
  const { uuid } = plan.vm;
  // Also of a guest that is paused by now: a person may have it go on meanwhile, and only an I/O error is undone.
  await guard.record([{ verb: "resume-guest", uuid }]);
  await guard.record(
    plan.disks.map((disk) => ({
      ...{ verb: "fold-overlay", uuid, target: disk.target },
      overlayPath: overlayOf(disk.overlayPath),
      basePath: disk.layers[0].path,
    })),
  );
  const quiescence = await snapshotQuiesced(plan, guard, ports);
  if (!quiescence.isQuiesced) await snapshotAsAfterPowerCut(plan, guard);
  await checkOverlays(plan, guard, ports);
  const consistency = quiescence.isQuiesced ? "filesystem" : "crash";
  const why = quiescence.isQuiesced ? undefined : quiescence.why;
  ports.emit({ kind: "snapshot-taken", consistency, why });
  return { consistency, whyNotFilesystem: why, stamps: await readStamps(plan, ports) };
}

async function takeAsItLies(plan: VmBackupPlan, ports: Ports): Promise<FrozenDisks> {
  const resting = restingConsistency(plan);
  const { consistency, whyNotFilesystem: why } = resting;
  ports.emit({ kind: "snapshot-skipped", state: "shut off", consistency, why });
  const stamps = await readStamps(plan, ports);
  // Compared with the plan: a VM that ran and stopped since then has other sizes and other chains.
  for (const { target, layers } of plan.disks) {
    const other = layers.find(({ path, stamp }) => stamps.get(path) !== stamp);
    if (other !== undefined)
      throw new BackupError({ kind: "vm-changed", vm: plan.vm.name, what: `${target} was written to` });
  }
  return { ...resting, stamps };
}

async function snapshotQuiesced(plan: VmBackupPlan, guard: Guard, ports: Ports): Promise<Quiescence> {
  const refusal = await whyNotQuiesce(plan, ports);
  if (refusal !== undefined) {
    if (plan.quiesce === "require") throw quiesceFailed(plan, refusal, "auto");
    return { isQuiesced: false, why: refusal };
  }
  await guard.record([{ verb: "thaw-guest", uuid: plan.vm.uuid }]);
  const where = { uri: plan.host.uri, uuid: plan.vm.uuid };
  const result = await guard.change(quiesced(where, snapshotCommand(plan)), {
    deadlineSeconds: quiesceSeconds,
  });
  if (result.code === 0) {
    await guard.settle("thaw-guest");
    return { isQuiesced: true };
  }
  if (result.code === notThawedCode)
    throw quiesceFailed(plan, `they were not thawed: ${lastLine(result.stderr)}`, "never");
  if (wasCutShort(result))
    throw quiesceFailed(plan, `the freeze did not end within ${quiesceSeconds} s`, "never");
  return await goOnThawed(plan, { guard, detail: lastLine(result.stderr) }, ports);
}

/**
 * After a freeze that failed: only a guest that is known to be thawed may go on for as long as a copy takes.
 * A hanging agent would freeze it late, in the middle of the copy.
 */
async function goOnThawed(
  plan: VmBackupPlan,
  { guard, detail }: { readonly guard: Guard; readonly detail: string },
  ports: Ports,
): Promise<Quiescence> {
  if (plan.quiesce === "require") throw quiesceFailed(plan, detail, "auto");
  const thaw = await ports.shell.run(virsh(plan.host.uri).thaw(plan.vm.uuid), {
    deadlineSeconds: thawSeconds,
  });
  if (thaw.code !== 0) throw quiesceFailed(plan, detail, "never");
  await guard.settle("thaw-guest");
  return { isQuiesced: false, why: detail };
}

async function whyNotQuiesce(plan: VmBackupPlan, ports: Ports): Promise<string | undefined> {
  const obstacle = freezeObstacle(plan);
  if (obstacle !== undefined) return obstacle;
  const ping = await ports.shell.run(virsh(plan.host.uri).agentPing(plan.vm.uuid), {
    deadlineSeconds: pingSeconds,
  });
  return ping.code === 0 ? undefined : "the guest agent does not answer";
}

async function snapshotAsAfterPowerCut(plan: VmBackupPlan, guard: Guard): Promise<void> {
  const result = await guard.change(snapshotCommand(plan), {
    deadlineSeconds: snapshotSeconds,
  });
  if (result.code === 0) return;
  const detail = wasCutShort(result) ? `no answer within ${snapshotSeconds} s` : lastLine(result.stderr);
  throw new BackupError({ kind: "snapshot-failed", host: plan.host.name, vm: plan.vm.name, detail });
}

/** A disk that was plugged in a second ago gets an overlay of libvirt's own choice, or none: so it is looked up. */
async function checkOverlays(plan: VmBackupPlan, guard: Guard, ports: Ports): Promise<void> {
  const result = await ports.shell.run(virsh(plan.host.uri).dumpXml(plan.vm.uuid));
  if (result.code !== 0)
    throw new BackupError({ kind: "vm-changed", vm: plan.vm.name, what: "it went away" });
  const { disks } = parseDomain(result.stdout);
  const now = new Map(disks.flatMap((disk) => (disk.kind === "included" ? [[disk.target, disk.path]] : [])));
  for (const { target, overlayPath } of plan.disks) {
    if (overlayPath !== undefined && now.get(target) === overlayPath) {
      ports.emit({ kind: "overlay-created", target, path: overlayPath });
    }
  }
  const planned = new Map(plan.disks.map((disk) => [disk.target, disk.overlayPath]));
  const targets = [...new Set([...planned.keys(), ...now.keys()])].filter(
    (target) => planned.get(target) !== now.get(target),
  );
  const strays = disks.filter(
    ({ target, path }) =>
      path !== undefined && overlayOwner(path) === plan.backupId && planned.get(target) !== path,
  );
  const stays = await recordStrays(plan, { strays, liveXml: result.stdout }, guard);
  if (targets.length > 0 || strays.length > 0) {
    const odd = [...new Set([...targets, ...strays.map(({ target }) => target)])];
    throw new BackupError({ kind: "snapshot-incomplete", vm: plan.vm.name, targets: odd, stays });
  }
  checkBases(plan, result.stdout);
}

interface Strays {
  readonly strays: readonly { readonly target: string; readonly path: string | undefined }[];
  readonly liveXml: string;
}

/** Has the guard fold back what nobody planned; returns the overlays that it cannot be told of. */
async function recordStrays(
  plan: VmBackupPlan,
  { strays, liveXml }: Strays,
  guard: Guard,
): Promise<Extract<BackupError["reason"], { kind: "snapshot-incomplete" }>["stays"]> {
  const below = liveBackingPaths(liveXml);
  const stays: { target: string; path: string }[] = [];
  for (const { target, path: overlayPath } of strays) {
    if (overlayPath === undefined) continue;
    const stray = { target, path: overlayPath };
    const basePath = below.get(target);
    try {
      if (basePath === undefined) stays.push(stray);
      else await guard.record([{ verb: "fold-overlay", uuid: plan.vm.uuid, target, overlayPath, basePath }]);
    } catch (error) {
      // Its name is made of that of the disk's image, which may be one that the guard does not take.
      if (!(error instanceof BackupError) || error.reason.kind !== "guard-failed") throw error;
      stays.push(stray);
    }
  }
  return stays;
}

/** Somebody else's snapshot, taken right before ours, puts their image between ours and the base that is copied. */
function checkBases(plan: VmBackupPlan, liveXml: string): void {
  const below = liveBackingPaths(liveXml);
  for (const { target, layers } of plan.disks) {
    const path = below.get(target) ?? layers[0].path;
    if (path === layers[0].path) continue;
    const what = `somebody took a snapshot meanwhile, and ${target} stood on ${path}`;
    throw new BackupError({ kind: "vm-changed", vm: plan.vm.name, what });
  }
}

function quiesceFailed(plan: VmBackupPlan, detail: string, milder: "auto" | "never"): BackupError {
  return new BackupError({ kind: "quiesce-failed", vm: plan.vm.name, detail, milder });
}

/** 124 and 137 are what `timeout` ends with: nobody knows then whether libvirt goes on. */
function wasCutShort(result: CommandResult): boolean {
  return result.code === 124 || result.code === 137;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
