// What an inventory may say and virtfold cannot do, or not yet: refused in one sentence, and not left unsaid.

import { settingsFor, type HostRequest } from "../config/host-request.ts";
import { noVmRules } from "../config/vm-rules.ts";
import { quoted } from "../report/wording.ts";
import { usage } from "./usage.ts";

/**
 * Refuses hosts that are to be reached in ways that do not work yet, and one machine under several names.
 * @throws BackupError `usage`.
 */
export function refuseUnsupported(command: string, hosts: readonly HostRequest[]): void {
  refuse(command, hosts, {
    what: "a connection other than ssh or local",
    isSuch: ({ host }) => !["ssh", "local"].includes(host.connection ?? "ssh"),
  });
  refuseTwice(command, hosts);
}

/** Refuses hosts that are to be copied from in ways that do not work yet. @throws BackupError `usage`. */
export function refuseUnsupportedTransfer(command: string, hosts: readonly HostRequest[]): void {
  if (hosts.some(({ before }) => settingsFor({ rules: noVmRules, before, after: [] }).transfer === "staged"))
    throw usage(
      command,
      "--transfer (or VIRTFOLD_TRANSFER) cannot be staged, which is not supported yet: leave it out, or take direct",
    );
  refuse(command, hosts, {
    what: "transfer: staged",
    isSuch: (request) =>
      !request.before.some(({ transfer }) => transfer !== undefined) && asksForStaged(request),
  });
}

function asksForStaged(request: HostRequest): boolean {
  const { each } = request.rules;
  return (
    settingsFor(request).transfer === "staged" ||
    each.some(({ settings, isExcluded }) => settings.transfer === "staged" && isExcluded !== true)
  );
}

interface Unsupported {
  readonly what: string;
  readonly isSuch: (request: HostRequest) => boolean;
}

function refuse(command: string, hosts: readonly HostRequest[], { what, isSuch }: Unsupported): void {
  const names = hosts.filter(isSuch).map(({ host }) => quoted(host.name));
  if (names.length > 0)
    throw usage(
      command,
      `The inventory asks for ${what}, which is not supported yet, for ${listed(names)}: change it, or name other hosts`,
    );
}

/** A `connection: local` that holds for a whole group would store this machine's VMs as those of each of its hosts. */
function refuseTwice(command: string, hosts: readonly HostRequest[]): void {
  const here = hosts.filter(({ host }) => host.connection === "local");
  for (const { host } of here) {
    const names = here.filter((other) => other.host.uri === host.uri).map((other) => quoted(other.host.name));
    if (names.length > 1)
      throw usage(
        command,
        `With "connection: local" ${listed(names)} are one and the same: this machine. Say it of one host only, or name one of them`,
      );
  }
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""}`;
}
