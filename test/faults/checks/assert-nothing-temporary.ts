// Does a run leave temporary files?

import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Asserts that a run which lived to its end took its temporary files away; nobody does that for one that was killed. */
export async function assertNothingTemporary(
  folder: string,
  { wasKilled }: { readonly wasKilled: boolean },
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("virtfold-"));
  if (!wasKilled) assert.deepEqual(names, [], "temporary files are left");
  for (const name of names) await rm(join(folder, name), { recursive: true });
}
