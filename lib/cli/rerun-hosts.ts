// What `backup --rerun-failed` backs up: what failed in the last run into the store.

import type { HostRequest } from "../config/host-request.ts";
import type { Inventory } from "../config/inventory.ts";
import { whatFailed } from "../report/rerun.ts";
import { parseRunReport } from "../report/run-result-schema.ts";
import { readLastRunReport } from "../store/run-reports.ts";
import { hostRequests } from "./host-requests.ts";
import type { ChoiceSources } from "./read-choice.ts";
import { refuseUnsupported } from "./refuse-unsupported.ts";
import { usage } from "./usage.ts";

/** Hosts from the last run's report; none when nothing failed. @throws BackupError `usage` without a usable report. */
export async function rerunHosts(
  store: string,
  { inventory, sources }: ChoiceSources,
): Promise<readonly HostRequest[]> {
  const found = await readLastRunReport(store);
  if (found === undefined)
    throw usage("backup", `No run into ${JSON.stringify(store)} has left a report yet: name the targets`);
  const report = found.text === undefined ? undefined : parseRunReport(found.text);
  if (report === undefined)
    throw usage(
      "backup",
      `Cannot read the report of the last run, ${JSON.stringify(found.path)}: name the targets`,
    );
  const targets = whatFailed(report).flatMap((left) => targetsOf(left, inventory));
  if (targets.length === 0) return [];
  const purpose = "to back up";
  const hosts = hostRequests("backup", { targets, inventory, sources, vmNames: [], purpose });
  refuseUnsupported("backup", hosts);
  return hosts;
}

/** A host of the inventory by its name there, which says more of the way to it. */
function targetsOf(
  { host, target, vms }: ReturnType<typeof whatFailed>[number],
  { hosts }: Inventory,
): readonly string[] {
  const text = hosts.some(({ name }) => name === host) ? host : target;
  return vms === undefined ? [text] : vms.map((vm) => `${text}/${vm}`);
}
