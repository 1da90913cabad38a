// Step 2: brings the images to the host, into a folder that nothing else has or ever had.

import { posix } from "node:path";
import type { Guard } from "../backup/ports.ts";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import { commandFailed } from "./command-failed.ts";
import type { RestorePorts } from "./ports.ts";

declare const pushed: unique symbol;

/** Images that are on the host; what arrived has not been looked at. */
export interface PushedImages {
  readonly [pushed]: true;
}

/** Makes the folder and fills it. Each file is recorded before it is made. */
export async function pushImages(
  plan: RestorePlan,
  guard: Guard,
  ports: RestorePorts,
): Promise<PushedImages> {
  const { uuid } = plan.vm;
  const { stagedPath } = plan.folder;
  await guard.record([{ verb: "remove-created", uuid, path: stagedPath }]);
  // Fails where something has this name, which carries our own id.
  const made = await guard.change(["mkdir", "-m", "0700", "--", stagedPath]);
  if (made.code !== 0) throw commandFailed(plan, "mkdir", made);
  for (const file of plan.files) {
    const path = posix.join(stagedPath, file.hostName);
    await guard.record([{ verb: "remove-created", uuid, path }]);
    await pushOne(plan, file, ports);
  }
  return {} as PushedImages;
}

async function pushOne(plan: RestorePlan, file: RestoredFile, ports: RestorePorts): Promise<void> {
  const { target, localPath, hostName, bytes } = file;
  const startedAt = ports.now().getTime();
  ports.emit({ kind: "push-started", target, from: localPath, to: posix.join(plan.folder.path, hostName) });
  await ports.pusher.pushFile(
    { localPath, hostPath: posix.join(plan.folder.stagedPath, hostName) },
    {
      signal: ports.signal,
      onBytes: (done) => ports.emit({ kind: "push-progress", target, bytes: done, totalBytes: bytes }),
      onBreak: (broken) => ports.emit({ kind: "push-broken", target, ...broken }),
    },
  );
  const seconds = (ports.now().getTime() - startedAt) / 1000;
  ports.emit({ kind: "push-finished", target, bytes, seconds });
}
