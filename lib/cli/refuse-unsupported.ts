// What an inventory may say and virtfold cannot do yet: refused in one sentence, and not left unsaid.

import type { HostRequest } from "../config/host-request.ts";
import { quoted } from "../report/wording.ts";
import { usage } from "./usage.ts";

/** Refuses hosts that are to be reached, or copied from, in ways that do not work yet. @throws BackupError `usage`. */
export function refuseUnsupported(command: string, hosts: readonly HostRequest[]): void {
  for (const [what, isSuch] of unsupported) {
    const names = hosts.filter(isSuch).map(({ host }) => quoted(host.name));
    if (names.length > 0)
      throw usage(
        command,
        `The inventory asks for ${what}, which is not supported yet, for ${names.slice(0, 8).join(", ")}${names.length > 8 ? ` and ${names.length - 8} more` : ""}: change it, or name other hosts`,
      );
  }
}

const unsupported: readonly (readonly [string, (request: HostRequest) => boolean])[] = [
  ["a connection other than ssh", ({ host }) => (host.connection ?? "ssh") !== "ssh"],
  [
    "transfer: staged",
    ({ transfer, rules }) => transfer === "staged" || rules.each.some((rule) => rule.transfer === "staged"),
  ],
];
