import type { TargetProblem } from "../config/resolve-targets.ts";
import { unreachable } from "../model/unreachable.ts";
import { quoted } from "../report/wording.ts";

/** Why a target names nothing, and what may have been meant. */
export function describeTargetProblem(problem: TargetProblem): string {
  switch (problem.kind) {
    case "unreadable":
      return `Cannot read target ${JSON.stringify(problem.text)}: it is not HOST, HOST/VM, GROUP, tag:NAME or user@address:port[/VM]`;
    case "empty-group":
      return `Group ${quoted(problem.text)} has no hosts`;
    case "unknown": {
      const nearest = problem.nearest === undefined ? "" : `: did you mean ${quoted(problem.nearest)}?`;
      const way =
        problem.what === "host or group"
          ? ` A host that is in no inventory is written user@${problem.text}`
          : "";
      return `Cannot find target ${quoted(problem.text)}: the inventory has no such ${problem.what}${nearest}${way}`;
    }
    default:
      return unreachable(problem);
  }
}
