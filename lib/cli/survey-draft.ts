// Hosts that are to come into an inventory → what a backup of them would do, reached exactly as that inventory will say.

import type { DraftHost } from "../config/draft-host.ts";
import { inventoryText } from "../config/inventory-text.ts";
import { readInventory } from "../config/read-inventory.ts";
import { planBackups, type PlanContext } from "../fleet/plan-backups.ts";
import { BackupError } from "../model/failure.ts";
import type { FleetPlan } from "../model/fleet-plan.ts";
import { hostRequests } from "./host-requests.ts";
import type { InitRequest } from "./init-request.ts";

/** Plans for the VMs of these hosts; changes nothing. @throws BackupError for what concerns all of them. */
export async function surveyDraft(
  hosts: readonly DraftHost[],
  { files, sources, sshConfig }: InitRequest,
  context: PlanContext,
): Promise<FleetPlan> {
  const noted = hosts.map((host) => ({ ...host, remarks: [], refused: [] }));
  const text = inventoryText({ schema: files.schema, remarks: [], defaults: {}, hosts: noted });
  const reading = readInventory(text, files.inventory);
  if ("problems" in reading) throw new BackupError({ kind: "inventory-bad", problems: reading.problems });
  const { inventory } = reading;
  const wishes = { targets: [], inventory, sources, vmNames: [], purpose: "to ask" };
  const settings = { store: undefined, sshConfig, json: false, quiet: false, verbose: false };
  return await planBackups({ settings, hosts: hostRequests("init", wishes), newName: undefined }, context);
}
