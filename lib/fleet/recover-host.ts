// One host: what dead runs left on it is found, put right and told of.

import { isGlob, matchesGlob } from "../config/glob.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { Recovery } from "../model/recovery.ts";
import type { HostFacts } from "../model/vm.ts";
import { planRecovery } from "../plan/plan-recovery.ts";
import { searchFolders } from "../plan/search-folders.ts";
import { carryOut, vmOf, type CarryOutContext } from "./carry-out.ts";
import { findStrayFiles } from "./find-stray-files.ts";
import type { HostGroup } from "./host-group.ts";
import { isForProgram, type GuardRecovery } from "./recover-vm.ts";
import { surveyHost } from "./survey.ts";
import { untilStopped } from "./until-stopped.ts";

/** A host to be put right, and how. */
export interface HostToRecover extends CarryOutContext {
  readonly group: HostGroup;
}

/** An overlay of ours may lie on another one of ours; deeper than this nobody has come. */
const mostRounds = 4;

/** Finds and puts right what was left. @throws BackupError when the host cannot be asked; `interrupted`. */
export async function recoverHost(given: HostToRecover): Promise<void> {
  const { shell, host, signal, emit } = given;
  const { overlayDirectoryOf } = given.group;
  const look = (): Promise<HostFacts> =>
    untilStopped(surveyHost(shell, { uri: host.uri, overlayDirectoryOf, isWithoutRsync: true }), signal);
  let facts = await look();
  emit({ kind: "host-surveyed", host: host.name, vms: facts.vms.length });
  tellUnasked(facts, given);
  const done = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    const fresh = wantedOf(planRecovery(facts), given)
      .filter(isForProgram)
      .filter((recovery) => !done.has(keyOf(recovery)))
      // Those that may have to be waited for come last.
      .toSorted((one, other) => Number(one.kind === "held") - Number(other.kind === "held"));
    for (const recovery of fresh) {
      done.add(keyOf(recovery));
      await settle(recovery, given);
    }
    if (fresh.length === 0 || given.isDryRun) break;
    facts = await look();
  }
  // What guards could put right is not there any more, or has been told of.
  const rest = planRecovery(facts).filter((recovery) => !isForProgram(recovery));
  const folders = searchFolders(facts.vms, overlayDirectoryOf);
  const strays = await untilStopped(findStrayFiles(shell, facts, { folders, look }), signal);
  for (const recovery of wantedOf([...rest, ...strays], given)) await settle(recovery, given);
}

async function settle(recovery: Recovery, given: HostToRecover): Promise<void> {
  const { host, emit } = given;
  const outcome = await carryOut(recovery, given);
  emit({ kind: "recovered", host: host.name, vm: vmOf(recovery), recovery, outcome });
  if (outcome.kind === "interrupted")
    throw new BackupError({ kind: "interrupted", signal: String(given.signal.reason) });
}

/** The same for a guard and for the overlays it was armed for. */
function keyOf(recovery: GuardRecovery): string {
  if (recovery.kind === "adopt") return `${recovery.vm.uuid} ${recovery.backupId}`;
  return `${recovery.guard.uuid} ${recovery.guard.backupId}`;
}

function wantedOf(recoveries: readonly Recovery[], { group }: HostToRecover): readonly Recovery[] {
  const { vms } = group;
  return vms === undefined
    ? recoveries
    : recoveries.filter((recovery) => vms.some((text) => matchesGlob(text, vmOf(recovery) ?? "\0")));
}

/** VMs that were named and do not exist, and those of which nobody can tell whether something is left. */
function tellUnasked(facts: HostFacts, { group, host, emit }: HostToRecover): void {
  const fail = (vm: string, reason: FailureReason): void =>
    emit({ kind: "vm-failed", host: host.name, vm, reason });
  const known = facts.vms.map(({ name }) => name);
  const guarded = facts.guards.map(({ vm, uuid }) => (vm === "" ? uuid : vm));
  for (const vm of group.vms ?? []) {
    if (!isGlob(vm) && ![...known, ...guarded].includes(vm))
      fail(vm, { kind: "vm-not-found", host: host.name, vm, known });
  }
  for (const { uuid, detail } of group.vms === undefined ? facts.unreadable : []) {
    const command = `virsh about VM ${uuid}`;
    fail(uuid, { kind: "unexpected-answer", host: host.name, command, detail });
  }
}
