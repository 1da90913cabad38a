// The warning about a backup that is read and not claimed.

import type { LogLine } from "./log-lines.ts";
import { words } from "./wording.ts";

/** Says that nothing keeps a backup from being removed while it is read, and why. */
export function notHeldLine({ path, detail }: { readonly path: string; readonly detail: string }): LogLine {
  return {
    level: "warning",
    text: words`Cannot note beside ${path} that it is being read (${{ raw: detail }}): a prune on another machine could remove it meanwhile`,
  };
}
