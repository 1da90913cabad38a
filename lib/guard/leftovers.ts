// Finds the guards on a host, and takes up what an earlier run left there without one.

import type { HostShell } from "../backup/ports.ts";
import type { LeftOnHost, GuardFacts, GuardReport } from "../model/guard.ts";
import type { Command } from "../shell/command.ts";
import { parseRestoreLine, wholeNumber } from "./restore-line.ts";
import { readScript } from "./read-script.ts";

/** The command that lists the guards of a host; it only reads. */
export async function listGuardsCommand(): Promise<Command> {
  return ["sh", "-c", await readScript("list.sh")];
}

/** Asks a host for its guards. @throws BackupError when the host cannot be asked. */
export async function findGuards(shell: HostShell): Promise<GuardReport> {
  return parseGuardReport((await shell.run(await listGuardsCommand())).stdout);
}

/** Reads what `list.sh` prints; lines it would not print are left out. */
export function parseGuardReport(text: string): GuardReport {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const troubles = new Map<string, LeftOnHost[]>();
  for (const [kind, folder = "", action = "", detail = ""] of lines) {
    if (kind === "trouble") troubles.set(folder, [...(troubles.get(folder) ?? []), { action, detail }]);
  }
  return {
    guards: lines.flatMap((fields) => readGuard(fields, troubles)),
    receipts: lines.flatMap(readReceipt),
  };
}

const states: readonly GuardFacts["state"][] = ["open", "restoring", "stuck"];

function readGuard(
  [kind, folder = "", uuid = "", backupId = "", ...more]: readonly string[],
  troubles: ReadonlyMap<string, readonly LeftOnHost[]>,
): readonly GuardFacts[] {
  const [vm = "", controller = "", since = "", word = "", renewed = "", lease = "", watched = ""] = more;
  if (kind !== "guard" || !folder.startsWith("/") || !/^[0-9a-f-]{36}$/.test(uuid)) return [];
  return [
    {
      ...{ folder, uuid, backupId, vm, controller, since },
      // One whose state cannot be read is restored again, which is harmless.
      state: states.find((state) => state === word) ?? "stuck",
      renewedSecondsAgo: /^\d+$/.test(renewed) ? wholeNumber(renewed) : undefined,
      leaseSeconds: wholeNumber(lease),
      isWatched: watched === "yes",
      troubles: troubles.get(folder) ?? [],
    },
  ];
}

function readReceipt(fields: readonly string[]): GuardReport["receipts"] {
  const line = parseRestoreLine(fields.join("\t"));
  const uuid = fields[7];
  return line?.kind === "receipt" && uuid !== undefined ? [{ ...line.receipt, uuid }] : [];
}
