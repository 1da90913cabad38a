// A finished backup → what its manifest says.

import type { Degradation } from "../model/event.ts";
import type { FileAccess } from "../model/file-access.ts";
import type { PlanWarning, VmBackupPlan } from "../model/plan.ts";
import type { BackupDraft } from "../store/draft.ts";
import { toolName, toolVersion } from "../config/tool.ts";
import type { PublishInput } from "./publish-input.ts";

/** Everything the backup itself knows; the store adds lengths and checksums. */
export function describeBackup(
  plan: VmBackupPlan,
  { verified, seconds, overlay }: PublishInput,
  degradedBy: readonly Degradation[],
): BackupDraft {
  const { startsWithHost } = plan.facts;
  const access = (path: string): { access?: FileAccess } => {
    const found = verified.accesses.get(path);
    return found === undefined ? {} : { access: found };
  };
  const sourceChecksum = (fileName: string): { sourceSha256?: string } => {
    const found = verified.sourceChecksums.get(fileName);
    return found === undefined ? {} : { sourceSha256: found };
  };
  const current = plan.snapshots.find(({ isCurrent }) => isCurrent)?.name;
  return {
    tool: { name: toolName, version: toolVersion },
    backupId: plan.backupId,
    startedAt: plan.startedAt.toISOString(),
    host: { name: plan.host.name, versions: plan.versions },
    vm: { name: plan.vm.name, uuid: plan.vm.uuid, stateAtBackup: plan.facts.state, startsWithHost },
    consistency: verified.frozen.consistency,
    whyNotFilesystem: verified.frozen.whyNotFilesystem,
    newName: plan.newName,
    newUuid: plan.newUuid,
    disks: plan.disks.map(({ target, layers }) => ({
      target,
      format: layers[0].format,
      virtualBytes: layers[0].virtualBytes,
      source: { path: layers[0].path, kind: layers[0].source },
      copyMethod: verified.methods.get(target) ?? "rsync-direct",
      compression: verified.compressions.get(target) ?? "none",
      layers: layers.map(({ fileName, format, path }) => ({
        ...{ fileName, format, sourcePath: path },
        ...sourceChecksum(fileName),
        ...access(path),
      })),
    })),
    skippedDisks: plan.skippedDisks,
    bootFiles: verified.bootFiles.map(({ role, fileName, path }) => ({
      ...{ role, fileName, sourcePath: path },
      ...access(path),
    })),
    snapshots: {
      current,
      order: plan.snapshots.map(({ name, parent, fileName, internalTargets }) => ({
        name,
        parent,
        fileName,
        internalTargets: [...internalTargets],
      })),
    },
    files: {
      originalXml: { fileName: plan.fileNames.originalXml },
      patchedXml: { fileName: plan.fileNames.patchedXml },
    },
    ...overlay,
    secondsByStep: seconds,
    warnings: plan.warnings.map(noteOfWarning),
    degradedBy: degradedBy.map(noteOfDegradation),
  };
}

type Note = BackupDraft["warnings"][number];

function noteOfWarning(warning: PlanWarning): Note {
  return { ...warning };
}

function noteOfDegradation(degradation: Degradation): Note {
  if (degradation.kind !== "disk-skipped") return { ...degradation };
  const { target, path } = degradation.disk;
  return { kind: degradation.kind, target, path };
}
