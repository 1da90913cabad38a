// What a restored VM has taken the place of: where it is now, and how it goes.

import type { RestorePlan } from "../model/restore.ts";
import { words } from "./wording.ts";

/** Nothing when nothing was in its place. */
export function keptLines({ host, original }: RestorePlan): readonly string[] {
  const replaced = original?.replaced;
  if (replaced === undefined) return [];
  const kept = [replaced.folder, ...replaced.files.map(({ keptPath }) => keptPath)];
  return [
    words`What was there is kept on host ${host.name}: the definitions in ${replaced.folder}, ${{ whole: replaced.files.map(({ path, keptPath }) => words`${path} as ${keptPath}`).join(", ") || "no files" }}`,
    words`Once nobody needs it any more, it goes with, there: ${{ raw: "rm -r --" }} ${{ whole: kept.map((path) => words`${{ shell: path }}`).join(" ") }}`,
  ];
}
