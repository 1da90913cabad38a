// Takes a snapshot of a VM made for that, and commits it, as a backup would: what libvirt, QEMU, AppArmor and SELinux
// really allow on a host only trying tells. Under a guard: whoever dies, the host undoes all of it.

import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandResult, Guard, HostShell } from "../backup/ports.ts";
import { armGuard } from "../guard/guard.ts";
import { keepLease } from "../guard/lease.ts";
import { underLease } from "../guard/under-lease.ts";
import { parseDomain } from "../hypervisor/domain-xml.ts";
import { parseMachine, scratchDomain } from "../hypervisor/scratch-domain.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { Canary, CanaryStep } from "../model/finding.ts";
import type { Host } from "../model/host.ts";
import type { HostFacts } from "../model/vm.ts";
import { backupId } from "../plan/backup-id.ts";
import type { Command } from "../shell/command.ts";
import { interruption } from "../shell/interruption.ts";
import { controllerName } from "./controller-name.ts";

/** Where to try it. */
export interface CanaryPlace {
  readonly host: Host;
  readonly shell: HostShell;
  readonly facts: Pick<HostFacts, "vms">;
  /** Where overlays go; undefined for beside the image. */
  readonly overlayDirectory: string | undefined;
  readonly leaseSeconds: number;
  readonly signal: AbortSignal;
}

/** Where images are when no VM tells. */
const usualFolder = "/var/lib/libvirt/images";
/** Always the same: a host has one at a time, and what a dead run left of one the next one has put right first. */
const uuid = "ca0a2e00-7669-4274-8666-6f6c64000001";
/** An empty overlay is committed at once; libvirt says so a moment later. */
const commitSeconds = 30;
const pollMilliseconds = 200;

/**
 * Tries it, and has the host undo everything, whatever came of it.
 * @throws BackupError when the guard cannot be armed, the link breaks, or the run is stopped.
 */
export async function tryCanary(place: CanaryPlace): Promise<Canary> {
  const { host, shell, leaseSeconds, signal } = place;
  const startedAt = performance.now();
  const attempt = await plan(place);
  if ("step" in attempt) return { ...attempt, left: [], command: "", seconds: since(startedAt) };
  const { id, name, definition } = attempt;
  const guard = await armGuard(shell, {
    ...{ vm: name, uuid, backupId: id, uri: host.uri, controller: controllerName(), definition },
    ...{ leaseSeconds, budgetBytes: 0, reserveBytes: 0, isForgotten: true },
  });
  const lease = keepLease(guard, { host: host.name, vm: name, signal });
  let trouble: CanaryTrouble | undefined;
  let left: Canary["left"];
  try {
    trouble = await underLease(lease, signal, (leased) =>
      carryOut(attempt, { ...place, guard, signal: leased }),
    );
  } finally {
    ({ left } = await guard.restore(() => undefined));
    lease.release();
  }
  return { ...trouble, left, command: guard.restoreCommand, seconds: since(startedAt) };
}

interface CanaryTrouble {
  readonly step: CanaryStep;
  readonly detail: string;
}

interface Attempt {
  readonly id: string;
  readonly name: string;
  readonly imagePath: string;
  readonly overlayPath: string;
  readonly definition: string;
}

async function plan({ host, shell, facts, overlayDirectory }: CanaryPlace): Promise<Attempt | CanaryTrouble> {
  const answer = await shell.run(virsh(host.uri).domainCapabilities(libvirtsChoice));
  if (answer.code !== 0) return { step: "choose-machine", detail: lastLine(answer) };
  const id = backupId(new Date(), randomBytes(3));
  const image = facts.vms
    .flatMap(({ chains }) => [...chains.values()])
    .find(([top]) => top?.source === "file")?.[0];
  const folder = image === undefined ? usualFolder : dirname(image.path);
  const name = `canary.virtfold-${id}`;
  const imagePath = `${folder}/${name}.qcow2`;
  const overlayPath = `${overlayDirectory ?? folder}/canary-overlay.virtfold-${id}.qcow2`;
  const definition = scratchDomain({ name, uuid, imagePath, machine: parseMachine(answer.stdout) });
  return { id, name, imagePath, overlayPath, definition };
}

const libvirtsChoice = { virtType: undefined, emulator: undefined, arch: undefined, machine: undefined };

/** Undefined when all went well. What is undone last is recorded first: files go once the VM has ended. */
async function carryOut(
  { id, name, imagePath, overlayPath }: Attempt,
  { host, shell, guard, signal }: CanaryPlace & { readonly guard: Guard },
): Promise<CanaryTrouble | undefined> {
  const commands = virsh(host.uri);
  const change = async (step: CanaryStep, command: Command): Promise<CanaryTrouble | undefined> => {
    if (signal.aborted) throw interruption(signal);
    const result = await guard.change(command, { deadlineSeconds: 60 });
    return result.code === 0 ? undefined : { step, detail: lastLine(result) };
  };
  const standsOn = async (path: string): Promise<boolean> => {
    const { code, stdout } = await shell.run(commands.dumpXml(uuid));
    return code === 0 && parseDomain(stdout).disks.some((disk) => disk.path === path);
  };
  await guard.record([
    { verb: "remove-created", uuid, path: imagePath },
    { verb: "remove-created", uuid, path: overlayPath },
    { verb: "end-created", uuid, name },
  ]);
  const disks = [{ target: "vda", overlayPath }];
  const commit = { target: "vda", basePath: imagePath, overlayPath };
  return (
    (await change("create-image", ["qemu-img", "create", "-f", "qcow2", imagePath, "1M"])) ??
    (await change("start-vm", commands.createPaused(guard.definitionPath))) ??
    (await change("take-snapshot", commands.snapshotCreate({ uuid, name: id, disks }))) ??
    ((await standsOn(overlayPath)) ? undefined : notOn("take-snapshot", overlayPath)) ??
    (await change("commit-overlay", commands.blockCommit(uuid, commit))) ??
    (await pivot(() => change("commit-overlay", commands.pivot(uuid, "vda")))) ??
    ((await standsOn(imagePath)) ? undefined : notOn("commit-overlay", imagePath))
  );
}

function notOn(step: CanaryStep, path: string): CanaryTrouble {
  return { step, detail: `libvirt reports no error, and the VM does not run on ${path}` };
}

/** It is refused until the commit has caught up with the guest. */
async function pivot(ask: () => Promise<CanaryTrouble | undefined>): Promise<CanaryTrouble | undefined> {
  const deadline = performance.now() + commitSeconds * 1000;
  for (;;) {
    const trouble = await ask();
    if (trouble === undefined || performance.now() > deadline) return trouble;
    await sleep(pollMilliseconds);
  }
}

function lastLine({ stderr, code }: CommandResult): string {
  return stderr.trim().split("\n").at(-1) || `it ended with ${code}`;
}

function since(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
