import type { Host } from "../model/host.ts";
import { parseTarget, type Target } from "../config/target.ts";
import { usage } from "./usage.ts";

/** The targets that a command line names. @throws BackupError `usage` for one that is none. */
export function readTargets(
  command: string,
  texts: readonly string[],
  how: Pick<Host, "uri" | "sudo">,
): readonly Target[] {
  return texts.map((text) => {
    const target = parseTarget(text, how);
    if (target === undefined)
      throw usage(
        command,
        `Cannot read target ${JSON.stringify(text)}: it is not HOST, HOST/VM or user@address:port[/VM]`,
      );
    return target;
  });
}
