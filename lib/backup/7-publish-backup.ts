// Step 7: the definitions beside the disks, then everything becomes visible at once, then older backups make room.

import type { DomainChanges } from "../hypervisor/domain-changes.ts";
import { patchDomainXml } from "../hypervisor/patch-domain-xml.ts";
import type { Consistency } from "../model/backup.ts";
import { BackupError } from "../model/failure.ts";
import type { Degradation } from "../model/event.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { describeBackup } from "./describe-backup.ts";
import { patchSnapshot } from "./patch-snapshot.ts";
import { plannedChanges } from "./planned-changes.ts";
import { plannedDegradations } from "../plan/planned-degradations.ts";
import type { PublishInput } from "./publish-input.ts";
import type { Ports } from "./ports.ts";

/** A backup that can be seen in the store. */
export interface Publication {
  readonly path: string;
  readonly consistency: Consistency;
  readonly storedBytes: number;
  readonly seconds: number;
  /** Why this is less than a whole backup; empty when it is whole. */
  readonly degradedBy: readonly Degradation[];
}

/** Publishes the backup and rotates. A rotation that fails leaves too many backups, which harms none: it is reported. */
export async function publishBackup(
  plan: VmBackupPlan,
  input: PublishInput,
  ports: Ports,
): Promise<Publication> {
  const { partial, verified } = input;
  const degradedBy = [
    ...plannedDegradations(plan),
    ...verified.missing,
    ...(await writeDefinitions(plan, input, ports)),
  ];
  await partial.writeText("backup.log", ports.logText());
  const published = await partial.publish(describeBackup(plan, input, degradedBy), {
    now: ports.now,
    signal: ports.signal,
    onProgress: (progress) => {
      ports.emit({ kind: "verify-progress", ...progress });
    },
  });
  const { path, storedBytes, latestProblem } = published;
  ports.emit({ kind: "published", path, storedBytes, latestProblem });
  const trouble = await rotate(plan, ports);
  const seconds = (ports.now().getTime() - plan.startedAt.getTime()) / 1000;
  const { consistency } = verified.frozen;
  return {
    path,
    consistency,
    storedBytes,
    seconds,
    degradedBy: trouble === undefined ? degradedBy : [...degradedBy, trouble],
  };
}

/** Writes every definition; tells what of a snapshot is not in the backup. */
async function writeDefinitions(
  plan: VmBackupPlan,
  { partial, verified }: PublishInput,
  ports: Ports,
): Promise<readonly Degradation[]> {
  const changes = plannedChanges(plan, {
    directory: partial.finalPath,
    bootFiles: verified.bootFiles,
  });
  const missing: Degradation[] = [];
  await partial.writeText(plan.fileNames.originalXml, plan.facts.inactiveXml);
  await partial.writeText(plan.fileNames.patchedXml, patchDefinition(plan, changes));
  for (const { name, fileName, xml } of plan.snapshots) {
    const patched = patchSnapshot({ name, xml }, changes);
    await partial.writeText(fileName, patched.xml);
    missing.push(...patched.missing);
  }
  ports.emit({ kind: "xml-written", path: `${partial.finalPath}/${plan.fileNames.patchedXml}` });
  return missing;
}

/** The plan refused VMs whose definition names more than is copied; nothing is published should that have failed. */
function patchDefinition(plan: VmBackupPlan, changes: DomainChanges): string {
  const { xml, unpatched } = patchDomainXml(plan.facts.inactiveXml, changes);
  const [first] = unpatched;
  if (first === undefined) return xml;
  const obstacle = { kind: "uncopied-path", ...first } as const;
  throw new BackupError({ kind: "vm-obstacle", host: plan.host.name, vm: plan.vm.name, obstacle });
}

async function rotate(plan: VmBackupPlan, ports: Ports): Promise<Degradation | undefined> {
  try {
    ports.emit({ kind: "rotated", ...(await ports.store.rotate(plan)) });
    return undefined;
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    const directory = ports.store.directory;
    const detail = "detail" in error.reason ? error.reason.detail : error.reason.kind;
    ports.emit({ kind: "rotation-failed", directory, detail });
    return { kind: "rotation-failed", detail };
  }
}
