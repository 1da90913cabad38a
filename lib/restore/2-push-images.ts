// Step 2: brings the images to the host, under names that nothing else has or ever had.

import type { Guard } from "../backup/ports.ts";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import { makeTpmFolder } from "./tpm-state.ts";
import { commandFailed } from "./command-failed.ts";
import type { PushOptions, CopyPorts } from "./ports.ts";

declare const pushed: unique symbol;

/** Images that are on the host; what arrived has not been looked at. */
export interface PushedImages {
  readonly [pushed]: true;
}

/** Makes the folder, of a VM that has its own, and fills it. Each file is recorded before it is made; devices come later. */
export async function pushImages(plan: RestorePlan, guard: Guard, ports: CopyPorts): Promise<PushedImages> {
  const { uuid } = plan.vm;
  if (plan.original === undefined) await makeFolder(plan, guard);
  if (plan.tpmFolder !== undefined) await makeTpmFolder(plan, plan.tpmFolder, guard);
  for (const file of plan.files.filter(({ device }) => device === undefined)) {
    await guard.record([{ verb: "remove-created", uuid, path: file.stagedPath }]);
    if (plan.original !== undefined) await makeFile(plan, file, guard);
    await pushOne(file, ports, (options) =>
      ports.pusher.pushFile({ localPath: file.localPath, hostPath: file.stagedPath }, options),
    );
  }
  return {} as PushedImages;
}

async function makeFolder(plan: RestorePlan, guard: Guard): Promise<void> {
  const { stagedPath } = plan.folder;
  await guard.record([{ verb: "remove-created", uuid: plan.vm.uuid, path: stagedPath }]);
  // Fails where something has this name, which carries our own id.
  const made = await guard.change(["mkdir", "-m", "0700", "--", stagedPath]);
  if (made.code !== 0) throw commandFailed(plan, "mkdir", made);
}

/** In a folder that others may read: closed before anything is in it. -C: never what is there. */
async function makeFile(plan: RestorePlan, { stagedPath }: RestoredFile, guard: Guard): Promise<void> {
  const made = await guard.change(["sh", "-c", 'umask 077; set -C; true >"$1"', "sh", stagedPath]);
  if (made.code !== 0) throw commandFailed(plan, "sh", made);
}

/** One of them, with what is told of it meanwhile. */
export async function pushOne(
  { target, localPath, path, bytes }: RestoredFile,
  ports: CopyPorts,
  push: (options: PushOptions) => Promise<void>,
): Promise<void> {
  const startedAt = ports.now().getTime();
  ports.emit({ kind: "push-started", target, from: localPath, to: path });
  await push({
    signal: ports.signal,
    onBytes: (done) => ports.emit({ kind: "push-progress", target, bytes: done, totalBytes: bytes }),
    onBreak: (broken) => ports.emit({ kind: "push-broken", target, ...broken }),
  });
  const seconds = (ports.now().getTime() - startedAt) / 1000;
  ports.emit({ kind: "push-finished", target, bytes, seconds });
}
