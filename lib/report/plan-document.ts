// What a backup would do, as one JSON document for programs. Version 1: fields are added, none changes its meaning.

import { bytesToCopy, type FleetPlan, type PlannedBackup, type PlannedFate } from "../model/fleet-plan.ts";
import type { PlannedCommand } from "../model/plan.ts";
import type { FailureReason } from "../model/failure.ts";
import { unreachable } from "../model/unreachable.ts";
import { toShell } from "../shell/command.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeDegradation, describeSkip, describeWarning } from "./describe-warning.ts";

/** The document as text. Nothing in it is secret: no definition, no password. */
export function planDocument(plan: FleetPlan): string {
  const document = {
    version: 1,
    isComplete: plan.isComplete,
    store: plan.store ?? null,
    bytesToCopy: bytesToCopy(plan),
    failedHosts: plan.failedHosts.map(({ host, reason }) => ({ host, ...failureFields(reason) })),
    vms: plan.vms.map(({ host, vm, fate }) => ({ host, vm, ...fateFields(fate) })),
  };
  return JSON.stringify(document, undefined, 2);
}

function failureFields(reason: FailureReason): object {
  return { reason, text: describeFailure(reason) };
}

function fateFields(fate: PlannedFate): object {
  switch (fate.kind) {
    case "refused":
      return { result: fate.kind, ...failureFields(fate.reason) };
    case "restore-first": {
      const { kind, backupId, backup } = fate;
      return {
        result: kind,
        leftByBackup: backupId,
        backup: backup === undefined ? null : backupFields(backup),
      };
    }
    case "back-up":
      return { result: fate.kind, backup: backupFields(fate.backup) };
    default:
      return unreachable(fate);
  }
}

function backupFields(backup: PlannedBackup): object {
  const { plan, degradedBy, consistency, whyNotFilesystem, overlaySpace, commands } = backup;
  const { hasAgentChannel, agentConnected } = plan.facts.domain;
  return {
    uuid: plan.vm.uuid,
    state: plan.facts.state,
    consistency,
    whyNotFilesystem: whyNotFilesystem ?? null,
    agent: { hasChannel: hasAgentChannel, isConnected: agentConnected ?? null },
    disks: plan.disks.map(({ target, layers, overlayPath }) => ({
      target,
      overlayPath: overlayPath ?? null,
      layers: layers.map(({ path, source, format, virtualBytes, fileBytes, allocatedBytes, fileName }) => ({
        ...{ path, source, format, virtualBytes, fileBytes, allocatedBytes, fileName },
      })),
    })),
    skippedDisks: plan.skippedDisks.map((disk) => ({
      ...{ ...disk, path: disk.path ?? null, text: describeSkip(disk) },
    })),
    bootFiles: plan.bootFiles,
    snapshots: plan.snapshots.map(({ name, parent, isCurrent }) => ({
      ...{ name, parent: parent ?? null, isCurrent },
    })),
    warnings: plan.warnings.map((warning) => ({ ...warning, text: describeWarning(warning) })),
    degradedBy: degradedBy.map((degradation) => ({ ...degradation, text: describeDegradation(degradation) })),
    bytesToCopy: backup.copyBytes,
    overlaySpace: overlaySpace.map((space) => ({ ...space, freeBytes: space.freeBytes ?? null })),
    bytesPerSecond: plan.bytesPerSecond === 0 ? null : plan.bytesPerSecond,
    reserveBytes: plan.limits.reserveBytes,
    commands: commands.map(commandFields),
  };
}

function commandFields({ where, command, streams }: PlannedCommand): object {
  return { where, argv: command, shell: toShell(command), streams: streams ?? null };
}
