// Which VMs a backup, or the plan of one, is asked for.

import { isGlob } from "../config/glob.ts";
import type { HostRequest } from "../config/host-request.ts";
import type { Inventory } from "../config/inventory.ts";
import type { SettingTexts } from "../config/settings.ts";
import type { Arguments } from "./arguments.ts";
import { checkSshConfig } from "./check-ssh-config.ts";
import { hostRequests } from "./host-requests.ts";
import { refuseUnsupported, refuseUnsupportedTransfer } from "./refuse-unsupported.ts";
import { usage } from "./usage.ts";

/** What was named. */
export interface Choice {
  /** Each host once. */
  readonly hosts: readonly HostRequest[];
  readonly newName: string | undefined;
}

/** What the names are looked up in. */
export interface ChoiceSources {
  readonly inventory: Inventory;
  readonly sources: readonly SettingTexts[];
  readonly sshConfig: string | undefined;
}

/** Checks what the command line of `command` names. @throws BackupError `usage`. */
export async function readChoice(
  command: string,
  args: Extract<Arguments, { kind: "run" }>,
  { inventory, sources, sshConfig }: ChoiceSources,
): Promise<Choice> {
  const vmNames = args.extra["vmDomain"] ?? [];
  const { targets } = args;
  const hosts = hostRequests(command, { targets, inventory, sources, vmNames, purpose: "to back up" });
  refuseUnsupported(command, hosts);
  refuseUnsupportedTransfer(command, hosts);
  const newName = args.extra["newVmDomainName"]?.at(-1);
  if (newName !== undefined) checkNewName(command, newName, hosts);
  await checkSshConfig(command, sshConfig);
  return { hosts, newName };
}

function checkNewName(command: string, newName: string, hosts: readonly HostRequest[]): void {
  const wishes = hosts.flatMap(({ vms }) => vms ?? []);
  const [only] = wishes;
  const isOneVm = hosts.length === 1 && wishes.length === 1 && only !== undefined && !isGlob(only.text);
  if (!isOneVm)
    throw usage(command, "--new-vm-domain-name fits one VM only: name it as HOST/VM or with one --vm-domain");
  // libvirt refuses a slash, and names of white space only (virDomainDefPostParse).
  if (/[/\n\0]/.test(newName) || newName.trim() === "")
    throw usage(command, `${JSON.stringify(newName)} cannot be the name of a VM`);
}
