// What was found on a host → what stands in its inventory beside it, and the table that shows it.

import { backupOf, type FleetPlan, type PlannedVm } from "../model/fleet-plan.ts";
import { describeFailure } from "./describe-failure.ts";
import { formatBytes } from "./format.ts";
import { plainTable } from "./plain-table.ts";
import { quoted } from "./wording.ts";

/** What the reader of an inventory should know of a host. */
export interface HostNotes {
  readonly remarks: readonly string[];
  readonly refused: readonly { readonly vm: string; readonly why: string }[];
}

/** More names help nobody. */
const mostNames = 20;

/** The notes on one host of a plan. */
export function hostNotes({ vms, failedHosts }: FleetPlan, host: string): HostNotes {
  const failure = failedHosts.find((one) => one.host === host);
  if (failure !== undefined)
    return { remarks: [`It could not be asked: ${describeFailure(failure.reason)}`], refused: [] };
  const own = vms.filter((vm) => vm.host === host);
  const good = own.filter(({ fate }) => fate.kind !== "refused").map(({ vm }) => quoted(vm));
  const refused = own.flatMap(({ vm, fate }) =>
    fate.kind === "refused" ? [{ vm, why: describeFailure(fate.reason) }] : [],
  );
  const shown = good.slice(0, mostNames).join(", ");
  const rest = good.length > mostNames ? ` and ${good.length - mostNames} more` : "";
  const count = `${good.length} of ${own.length} VM${own.length === 1 ? "" : "s"} can be backed up`;
  return {
    remarks: [
      own.length === 0 ? "It has no VM" : good.length === 0 ? count : `${count}: ${shown}${rest}`,
      ...(refused.length === 0 ? [] : ["The others would be refused; to leave them out, take the # away:"]),
    ],
    refused,
  };
}

/** The VMs that were found. */
export function foundTable(vms: readonly PlannedVm[]): string {
  const head = ["HOST", "VM", "WOULD BE", "DISKS", "SIZE"];
  return plainTable(
    head,
    vms.map((vm) => {
      const backup = backupOf(vm);
      const cells =
        backup === undefined ? ["", ""] : [String(backup.plan.disks.length), formatBytes(backup.copyBytes)];
      return [vm.host, vm.vm, fateWord(vm), ...cells];
    }),
  );
}

function fateWord(vm: PlannedVm): string {
  if (vm.fate.kind === "refused") return "refused";
  if (vm.fate.kind === "restore-first") return "restored first";
  return vm.fate.backup.degradedBy.length > 0 ? "degraded" : "backed up";
}
