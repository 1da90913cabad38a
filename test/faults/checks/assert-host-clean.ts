// Is nothing left on a host of what a backup makes there?

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import { assertNothingLeft } from "../../e2e/support/host-memory.ts";
import { guardProcesses } from "../guards-on-host.ts";

/** Asserts that there is no overlay, no guard, none of its processes, no lock held and no work folder. */
export async function assertHostClean(host: LabHost, overlayFolder: string | undefined): Promise<void> {
  let seen: readonly number[] = [];
  const explain = (): string => `processes ${seen.join(", ")}`;
  // A watcher looks once a second whether it still has something to watch.
  await waitUntil(`no guard is at work on ${host.name}`, { limitSeconds: 10, explain }, async () => {
    seen = await guardProcesses(host);
    return seen.length === 0 ? true : undefined;
  });
  await assertNothingLeft(host);
  const folders = ["/run", ...(overlayFolder === undefined ? [] : [overlayFolder])];
  const remains = await host.check(["find", ...folders, "-maxdepth", "1", "-name", "*virtfold-*"]);
  assert.equal(remains, "", `something is left on ${host.name}`);
  assert.equal(await host.check(["sh", "-c", listHeldLocks]), "", "a lock is held");
}

const listHeldLocks = `
for lock in /var/lib/virtfold/*.lock; do
  [ ! -e "$lock" ] || flock -n "$lock" true || echo "$lock"
done`;
