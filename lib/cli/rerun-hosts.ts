// What `backup --rerun-failed` backs up: what failed in the last run into the store.

import { matchesGlob } from "../config/glob.ts";
import type { HostRequest, VmWish } from "../config/host-request.ts";
import type { Inventory } from "../config/inventory.ts";
import { whatFailed, type Unfinished } from "../report/rerun.ts";
import { parseRunReport } from "../report/run-result-schema.ts";
import { readLastRunReport } from "../store/run-reports.ts";
import { hostRequests } from "./host-requests.ts";
import type { ChoiceSources } from "./read-choice.ts";
import { refuseUnsupported, refuseUnsupportedTransfer } from "./refuse-unsupported.ts";
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
  const failed = whatFailed(report, matchesGlob);
  const targets = failed.flatMap((left) => targetsOf(left, inventory));
  if (targets.length === 0) return [];
  const purpose = "to back up";
  const hosts = hostRequests("backup", { targets, inventory, sources, vmNames: [], purpose });
  refuseUnsupported("backup", hosts);
  refuseUnsupportedTransfer("backup", hosts);
  return hosts.map((request) => forgiving(request, failed));
}

/** A host of the inventory by its name there, which says more of the way to it. */
function targetsOf(left: Unfinished, { hosts }: Inventory): readonly string[] {
  if (left.kind === "target") return [left.target];
  const { host, target, vms } = left;
  const text = hosts.some(({ name }) => name === host) ? host : target;
  return vms === undefined ? [text] : vms.map((vm) => `${text}/${vm}`);
}

function forgiving(request: HostRequest, failed: readonly Unfinished[]): HostRequest {
  const { host, vms } = request;
  const found = failed.flatMap((left) =>
    left.kind === "host" && left.host === host.name ? left.mayBeMissing : [],
  );
  const forgive = (wish: VmWish): VmWish =>
    wish.sharedTarget === undefined && found.includes(wish.text) ? { ...wish, mayBeMissing: true } : wish;
  return { ...request, vms: vms?.map(forgive) };
}
