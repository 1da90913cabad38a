// A folder of this machine at a second place, where nothing can be written to it.

import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { runChecked } from "../../lab/run-checked.ts";

/** Shows the folder read-only in a new folder below `place`, does the work, and takes it away, whatever happens. */
export async function withReadOnlyView<T>(
  folder: string,
  place: string,
  work: (view: string) => Promise<T>,
): Promise<T> {
  const view = await mkdtemp(join(place, "read-only-"));
  await runChecked(["mount", "--bind", folder, view]);
  try {
    await runChecked(["mount", "-o", "remount,bind,ro", view]);
    return await work(view);
  } finally {
    await runChecked(["umount", "--lazy", view]);
  }
}
