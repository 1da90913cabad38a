// Is a VM after a fault as it was: on its own disks, in its own process, with all that its guest wrote?

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/lab-host.ts";
import { assertUnbroken } from "../../e2e/support/guest-log.ts";
import { assertGuestWrites } from "../../e2e/support/host-memory.ts";
import type { VmAfter } from "../fault.ts";
import { lookAt, processOf, type VmSight, type VmWitness } from "../vm-witness.ts";
import { assertFileSystems } from "./assert-file-systems.ts";

/** Asserts everything that can be asked of a VM that was to be left alone, or was ended by the fault. */
export async function assertVm(host: LabHost, witness: VmWitness, after: VmAfter): Promise<void> {
  const { vm } = witness;
  const sight = await lookAt(host, vm);
  assert.equal(sight.definition, witness.definition, `the definition of ${vm} is another`);
  assert.equal(sight.images.inactive, witness.images);
  assert.equal(sight.snapshots, witness.snapshots);
  if (after === "off") assert.equal(sight.state, "shut off");
  else await assertRunsOn(host, witness, sight);
  await assertFileSystems(host, witness);
}

async function assertRunsOn(
  host: LabHost,
  witness: VmWitness,
  { state, images, live }: VmSight,
): Promise<void> {
  const { vm } = witness;
  assert.equal(state, "running");
  assert.equal(await processOf(host, vm), witness.processId, `${vm} runs in another process`);
  assert.equal(images.live, witness.images);
  assert.equal(/<mirror.*|.*\.virtfold-.*/.exec(live)?.[0], undefined, `${vm} has a block job or an overlay`);
  await assertGuestWrites(host, vm);
  const status = await host.check(["virsh", "qemu-agent-command", vm, '{"execute":"guest-fsfreeze-status"}']);
  assert.equal(status.trim(), '{"return":"thawed"}');
  await assertUnbroken(host, vm, witness.sequence);
}
