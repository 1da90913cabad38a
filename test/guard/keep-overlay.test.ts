// Overlays that must not be deleted.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appearance, guardCase } from "./guard-case.ts";
import { traces } from "./guarded-vm.ts";
import type { GuardedVm } from "./guarded-vm.ts";

/** A file that the disk's images have nothing to do with any more, or never had. */
function strayOverlay(vm: GuardedVm, content = ""): void {
  const [{ overlay, path }] = vm.disks;
  writeFileSync(overlay, `fake qcow2\nbacking qcow2 ${path}\n${content}`);
}

async function mustKeep(vm: GuardedVm, why: RegExp): Promise<void> {
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4, stdout);
  assert.match(stdout, why);
  assert.ok(lstatSync(vm.disks[0].overlay));
}

const uncommitted =
  /^left\tfold-overlay\tvda: .* holds data and nothing says that it was committed; it is kept/;

guardCase("an overlay with data that nothing says was committed is kept", {}, async (vm) => {
  await vm.prepare();
  strayOverlay(vm, "precious\n");
  await mustKeep(vm, uncommitted);
});

guardCase("an overlay in which the guest only wrote zeroes is kept", {}, async (vm) => {
  await vm.prepare();
  strayOverlay(vm, "zeroes\n");
  await mustKeep(vm, uncommitted);
});

guardCase("an overlay that holds nothing but a snapshot is kept", {}, async (vm) => {
  await vm.prepare();
  strayOverlay(vm, "snapshot before update\n");
  await mustKeep(vm, uncommitted);
});

guardCase("a file of that name that is no image is kept", {}, async (vm) => {
  await vm.prepare();
  writeFileSync(vm.disks[0].overlay, "a letter\n");
  await mustKeep(vm, uncommitted);
});

guardCase("a symbolic link in the overlay's place is kept", {}, async (vm) => {
  await vm.prepare();
  symlinkSync(vm.disks[0].path, vm.disks[0].overlay);
  await mustKeep(vm, /^left\tfold-overlay\tvda: .* is not a plain file; it is kept/);
});

guardCase("a folder in the overlay's place is kept", {}, async (vm) => {
  await vm.prepare();
  mkdirSync(vm.disks[0].overlay);
  await mustKeep(vm, /^left\tfold-overlay\tvda: .* is not a plain file; it is kept/);
});

const impatient = { VIRTFOLD_CLOSE_SECONDS: "0" };
guardCase("an overlay that a process has open is kept", { settings: impatient }, async (vm) => {
  await vm.prepare();
  strayOverlay(vm);
  const holder = spawn(
    "sh",
    ["-c", 'exec 5<"$1"; : >"$2"; read -r _', "sh", vm.disks[0].overlay, `${vm.folder}/open`],
    {
      stdio: ["pipe", "ignore", "ignore"],
    },
  );
  await appearance(`${vm.folder}/open`);
  await mustKeep(vm, /^left\tfold-overlay\tvda: a process still has .* open; it is kept/);
  holder.stdin.end();
  await new Promise((resolve) => holder.on("close", resolve));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm, ["first"]), undefined);
});

guardCase(
  "an overlay that QEMU closes a moment after the pivot is deleted",
  { ownTools: true },
  async (vm) => {
    await vm.open();
    const { state } = vm.hypervisor;
    // Held open from the pivot on, and until guard.sh waits.
    const hold = `exec 5<"${vm.disks[0].overlay}"; : >"${state}/held"; until [ -e "${state}/waits" ] || [ ! -d "${state}" ]; do sleep 0.01; done`;
    const start = `(PATH=/usr/bin:/bin; ${hold}) >/dev/null 2>&1 & until [ -e "${state}/held" ]; do :; done`;
    vm.hypervisor.hook("after", "blockjob.1", start);
    writeFileSync(
      join(vm.tools, "sleep"),
      `#!/bin/sh\n: >"${state}/waits"\nPATH=/usr/bin:/bin exec sleep "$@"\n`,
    );
    chmodSync(join(vm.tools, "sleep"), 0o755);
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("what a cancelled commit has left out is not deleted", {}, async (vm) => {
  await vm.open();
  const [{ overlay }] = vm.disks;
  // Ready, noted, but then somebody cancels it, and detaches the disk with what the guest wrote since.
  const cancel = `virsh blockjob ${vm.uuid} vda --abort; virsh fake-write ${vm.uuid} vda later`;
  vm.hypervisor.hook("before", "blockjob.1", cancel);
  vm.hypervisor.hook("before", "blockcommit.2", `virsh fake-detach ${vm.uuid} vda`);
  const { code } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.ok(existsSync(overlay));
});
