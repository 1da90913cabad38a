// Why a backup cannot be drilled → one sentence.

import type { DrillRefusal } from "../model/drill-refusal.ts";
import { unreachable } from "../model/unreachable.ts";
import { commandLine } from "./command-line.ts";
import { words } from "./wording.ts";

/** The sentence for what only a drill can fail on before it begins. */
export function describeDrillRefusal({ vm, why }: DrillRefusal): string {
  switch (why) {
    case "no-agent":
      return words`Cannot drill ${vm}: its definition has no channel for a guest agent, which is to answer. Wait for something on its serial console instead: --expect serial:REGEX`;
    case "no-serial":
      return words`Cannot drill ${vm}: its definition has no serial console. Wait for its guest agent instead: --expect agent`;
    case "qemu-arguments":
      return words`Cannot drill ${vm}: its definition has arguments for QEMU, which could give the clone a network or files of the host. Restore it and look: ${{ whole: commandLine("restore") }}`;
    case "no-backup":
      return words`Cannot drill ${vm}: the store has no backup of it that is good. ${{ whole: commandLine("list") }} shows what there is`;
    default:
      return unreachable(why);
  }
}
