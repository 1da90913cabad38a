// Step 3: starts the clone. libvirt knows it for as long as it runs, and not after.

import type { Guard } from "../backup/ports.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { DrillPlan } from "../model/drill.ts";
import type { VerifiedImages } from "../restore/3-verify-images.ts";
import type { DrillPorts } from "./ports.ts";

const bootSeconds = 120;

/** Where libvirt itself writes what QEMU says. */
const logFolder = "/var/log/libvirt/qemu";

/** Starts it; returns why it did not start, undefined when it runs. Its end is recorded before its beginning. */
export async function bootClone(
  { clone, timeoutSeconds }: DrillPlan,
  { guard }: { readonly guard: Guard; readonly images: VerifiedImages },
  ports: DrillPorts,
): Promise<string | undefined> {
  const { uuid, name } = clone.vm;
  await guard.record([
    { verb: "remove-created", uuid, path: `${logFolder}/${name}.log` },
    { verb: "end-created", uuid, name },
  ]);
  const command = virsh(clone.host.uri).create(guard.definitionPath);
  const { code, stderr } = await guard.change(command, { deadlineSeconds: bootSeconds });
  if (code !== 0) return stderr.trim().split("\n").at(-1) || `virsh create ended with ${code}`;
  ports.emit({ kind: "clone-booted", name, timeoutSeconds });
  return undefined;
}
