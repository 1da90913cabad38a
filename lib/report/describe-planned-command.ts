// A command that would run → one line that says where, and that can be copied.

import type { PlannedCommand } from "../model/plan.ts";
import { toShell } from "../shell/command.ts";
import { formatBytes } from "./format.ts";
import { harmless, quoted } from "./wording.ts";

/** The line of a command. */
export function describePlannedCommand(host: string, { where, command, streams }: PlannedCommand): string {
  const place = where === "host" ? harmless(host) : "here";
  const line = `${place}$ ${harmless(toShell(command), Infinity)}`;
  if (streams === undefined) return line;
  const { from, to, bytesPerSecond } = streams;
  const rate = bytesPerSecond === 0 ? "" : `, at most ${formatBytes(bytesPerSecond)} a second`;
  return `${line}   # sends ${quoted(from)}, stored as ${quoted(to)}${rate}`;
}
