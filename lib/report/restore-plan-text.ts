// What a restore would do, as text.

import type { RestorePlan } from "../model/restore.ts";
import { formatBytes } from "./format.ts";
import { plainTable } from "./plain-table.ts";
import { describeNote } from "./restore-lines.ts";
import { words } from "./wording.ts";

/** The plan as text; the last line says that nothing was done. */
export function restorePlanText(plan: RestorePlan): string {
  const { vm, host, from, files, snapshots, notes } = plan;
  const rows = files.map(({ localPath, path, bytes }) => [localPath, path, formatBytes(bytes)]);
  const names = snapshots.map(({ name, isCurrent }) => (isCurrent ? `${name} (current)` : name));
  const rate =
    plan.bytesPerSecond === 0 ? "" : `, each file at most ${formatBytes(plan.bytesPerSecond)} a second`;
  return [
    words`${{ raw: `${from.host}/${from.vm}` }} of ${from.path} would become ${vm.name} (${{ raw: vm.uuid }}) on host ${host.name}:`,
    plainTable(["IN THE STORE", "ON THE HOST", "SIZE"], rows),
    names.length === 0 ? "No snapshots" : words`Snapshots: ${names}`,
    ...notes.map((note) => `! ${describeNote(note)}`),
    `${formatBytes(plan.neededBytes)} needed${rate}, ${formatBytes(plan.freeBytes)} free; it would ${plan.starts ? "be started" : "stay shut off"}; nothing was changed`,
  ].join("\n");
}
