// What backups left on a host → findings. What a program puts right is a warning, what needs a person a problem.

import { matchesGlob } from "../config/glob.ts";
import type { Judgement } from "../model/finding.ts";
import type { Recovery } from "../model/recovery.ts";
import { judgeAt } from "./judge.ts";

/** The findings, of the wanted VMs only where some are named. */
export function judgeRecoveries(
  host: string,
  wanted: readonly string[] | undefined,
  recoveries: readonly Recovery[],
): readonly Judgement[] {
  return recoveries
    .map((recovery) => ({ recovery, vm: vmOf(recovery) }))
    .filter(({ vm }) => wanted === undefined || wanted.some((text) => matchesGlob(text, vm ?? "\0")))
    .map(({ recovery, vm }) => {
      const judge = judgeAt(vm === undefined ? { kind: "host", host } : { kind: "vm", host, vm });
      const finding = { kind: "left-over", recovery } as const;
      if (recovery.kind === "held") return judge("note", finding);
      const isForProgram =
        recovery.kind === "adopt" || (recovery.kind === "restore" && recovery.guard.state !== "stuck");
      return isForProgram ? judge("warning", finding) : judge("problem", finding, true);
    });
}

/** The VM's name, or its UUID where a guard does not tell the name; undefined for a file that is no VM's. */
function vmOf(recovery: Recovery): string | undefined {
  if (recovery.kind === "held" || recovery.kind === "restore")
    return recovery.guard.vm === "" ? recovery.guard.uuid : recovery.guard.vm;
  return recovery.vm?.name;
}
