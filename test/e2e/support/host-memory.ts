// What a host is like, so that a test can say that it is like before.

import assert from "node:assert/strict";
import { askVirsh } from "../../lab/ask-virsh.ts";
import type { LabHost } from "../../lab/lab-host.ts";

/** A VM at one moment: everything a backup must leave as it was. */
interface VmMemory {
  readonly state: string;
  /** Undefined when it does not run. */
  readonly processId: string | undefined;
  readonly definition: string;
  /** The definition of the running VM. */
  readonly live: string;
  /** Their names, times and parents. */
  readonly snapshots: string;
  readonly currentSnapshot: string;
  /** How often its guest has told of a lost or failed write. */
  readonly complaints: number;
}

/** A host at one moment. */
export interface HostMemory {
  readonly vms: ReadonlyMap<string, VmMemory>;
  /** Every file where images are: path, inode, owner, mode. */
  readonly files: string;
}

/** Remembers these VMs of a host. */
export async function rememberHost(host: LabHost, vms: readonly string[]): Promise<HostMemory> {
  const remembered = new Map<string, VmMemory>();
  for (const vm of vms) remembered.set(vm, await rememberVm(host, vm));
  return { vms: remembered, files: await host.check(["sh", "-c", listFiles]) };
}

const listFiles = "find /var/lib/libvirt/images /srv -printf '%p %i %U:%G %m\\n' | sort";

/**
 * Asserts that the host is as it was: each VM in its state, the running ones in the same QEMU process, on their own
 * images and writing, no definition changed, and nothing of ours left: no overlay, no guard, no block job.
 */
export async function assertHostAsBefore(host: LabHost, before: HostMemory): Promise<void> {
  await assertNothingLeft(host);
  for (const [vm, memory] of before.vms) {
    if (memory.state === "running") await assertGuestWrites(host, vm);
    assert.deepEqual(await rememberVm(host, vm), memory, `${host.name}/${vm} is not as before`);
  }
  assert.equal(await host.check(["sh", "-c", listFiles]), before.files, `images of ${host.name}`);
}

/** Asserts that nothing a backup makes is on the host: overlays, also those deleted but still open, and guards. */
export async function assertNothingLeft(host: LabHost): Promise<void> {
  assert.equal(await host.check(["sh", "-c", listRemains]), "", `something is left on ${host.name}`);
}

const listRemains = `
find /var/lib/libvirt/images /srv /tmp -xdev -name '*.virtfold-*' 2>/dev/null
find /var/lib/virtfold /home/*/.local/state/virtfold -mindepth 1 ! -name '*.lock' ! -name '*.receipt' 2>/dev/null
ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F .virtfold-
true`;

async function rememberVm(host: LabHost, vm: string): Promise<VmMemory> {
  const [[state, definition, live, snapshots, currentSnapshot], processId, log] = await Promise.all([
    askVirsh(
      host,
      [
        ["domstate", vm],
        ["dumpxml", "--inactive", "--security-info", vm],
        ["dumpxml", vm],
        ["snapshot-list", "--parent", vm],
        ["snapshot-current", "--name", vm],
      ],
      { expectedFailure: /has no current snapshot$/ },
    ),
    host.run(["grep", "-o", " pid='[0-9]*'", `/run/libvirt/qemu/${vm}.xml`]),
    host.guestLog(vm),
  ]);
  for (const text of [definition, live]) assert.match(text, /^<\/domain>$/m, `${host.name}/${vm}`);
  return {
    state: state.trim(),
    processId: processId.code === 0 ? processId.stdout.trim() : undefined,
    definition,
    live: withoutIndexes(live),
    ...{ snapshots, currentSnapshot },
    complaints: [...log.matchAll(/GAP|IOERROR/g)].length,
  };
}

/** A definition without what libvirt numbers anew after each snapshot: the indexes of images. */
function withoutIndexes(xml: string): string {
  return xml.replaceAll(/(<(?:source|backingStore|mirror) .*?) index='\d+'/g, "$1");
}

/** Asserts that the guest goes on writing, and that what its disks really hold has no number missing. */
export async function assertGuestWrites(host: LabHost, vm: string): Promise<void> {
  const options = { agent: (await host.run(["virsh", "dumpxml", vm])).stdout.includes("guest_agent") };
  await host.waitForGuest(vm, options);
  if (options.agent) assert.equal(await host.guestExec(vm, readSequences), "", `${vm} has lost writes`);
}

/** Reads the sequence from the images and not from the guest's memory; prints where a number is missing. */
const readSequences = `
sync
echo 3 >/proc/sys/vm/drop_caches
for log in /disks/*/sequence.log; do
  awk -v name="$log" 'NR > 1 && $1 != last + 1 { print name, last, $1 } { last = $1 }' "$log"
done`;
