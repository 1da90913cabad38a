// fold-overlay while the guest runs: every state a host can be found in.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writesIn } from "../support/fake-virsh.ts";
import { traces } from "./guarded-vm.ts";
import { guardCase } from "./guard-case.ts";

guardCase(
  "restore folds every disk, newest first",
  { everyShell: true, targets: ["vda", "vdb"] },
  async (vm) => {
    await vm.open();
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 0);
    assert.equal(stdout, "folded\tvdb\nfolded\tvda\nrestored\n");
    assert.equal(traces(vm), undefined);
  },
);

guardCase("restore has nothing to do when the overlay was never made", {}, async (vm) => {
  await vm.prepare();
  assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
  assert.equal(traces(vm, ["first"]), undefined);
  assert.ok(!vm.hypervisor.calls().some((call) => call.includes("blockcommit")));
});

guardCase(
  "restore folds the disks that a failing snapshot got to",
  { targets: ["vda", "vdb"] },
  async (vm) => {
    await vm.prepare();
    vm.hypervisor.control("partial", 1);
    assert.equal((await vm.snapshot()).code, 1);
    vm.write("in the window");
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("restore deletes overlays that no snapshot ever used", { targets: ["vda", "vdb"] }, async (vm) => {
  await vm.prepare();
  writeFileSync(vm.disks[0].overlay, "");
  writeFileSync(vm.disks[1]!.overlay, `fake qcow2\nbacking raw ${vm.disks[1]!.path}\n`);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm, ["first"]), undefined);
});

guardCase("restore joins a commit that runs already, and says how far it is", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.control("ready-after", 3);
  const [{ target, path, overlay }] = vm.disks;
  vm.hypervisor.virsh("blockcommit", vm.uuid, target, "--active", "--base", path, "--top", overlay);
  assert.equal(
    (await vm.guard("restore")).stdout,
    "progress\tvda\t33\nprogress\tvda\t50\nfolded\tvda\nrestored\n",
  );
  assert.equal(traces(vm), undefined);
});

guardCase("restore pivots a commit that is ready, again and again if need be", {}, async (vm) => {
  await vm.open();
  const [{ target, path, overlay }] = vm.disks;
  vm.hypervisor.virsh("blockcommit", vm.uuid, target, "--active", "--base", path, "--top", overlay);
  vm.hypervisor.control("pivot-fails", 3);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("restore starts a commit again that went away", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.control("vanish", 2);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase(
  "a disk that does not fold keeps no other from it",
  { targets: ["vda", "vdb", "vdc"] },
  async (vm) => {
    await vm.open();
    vm.hypervisor.virsh("fake-job", vm.uuid, "vdb", "copy");
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4);
    assert.equal(
      stdout,
      "folded\tvdc\nleft\tfold-overlay\tvdb: another block job runs on this disk\nfolded\tvda\nstuck\n",
    );
    assert.ok(existsSync(vm.disks[1]!.overlay));
    vm.hypervisor.virsh("blockjob", vm.uuid, "vdb", "--abort");
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("restore leaves a disk on which another tool's job without a mirror runs", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("fake-job", vm.uuid, "vda", "pull");
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.match(
    stdout,
    /^left\tfold-overlay\tvda: the block commit does not get ready: error: block copy still active/,
  );
  assert.ok(existsSync(vm.disks[0].overlay));
});

const snapshotInside = /^left\tfold-overlay\tvda: somebody took an internal snapshot of the VM meanwhile, /;
guardCase(
  "restore keeps an overlay in which somebody took a snapshot, and folds it once that is deleted",
  { everyShell: true },
  async (vm) => {
    await vm.open();
    const [{ path, overlay }] = vm.disks;
    const before = [readFileSync(path, "utf8"), readFileSync(overlay, "utf8")] as const;
    appendFileSync(overlay, "snapshot before update\n");
    for (const state of ["running", "shut off"]) {
      if (state === "shut off") vm.hypervisor.virsh("destroy", vm.uuid);
      const { code, stdout } = await vm.guard("restore");
      assert.equal(code, 4, `${state}: ${stdout}`);
      assert.match(stdout, snapshotInside, state);
      assert.equal(readFileSync(path, "utf8"), before[0], state);
      assert.match(readFileSync(overlay, "utf8"), /^snapshot before update$/m, state);
    }
    writeFileSync(overlay, before[1]);
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm), undefined);
  },
);

guardCase("restore touches nothing when another image lies on top of ours", {}, async (vm) => {
  await vm.open();
  const foreign = join(vm.hypervisor.directory, "images", "foreign.qcow2");
  vm.hypervisor.virsh("fake-overlay", vm.uuid, "vda", foreign);
  const before = vm.definition();
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.match(stdout, /^left\tfold-overlay\tvda: another image lies on top of /);
  assert.equal(vm.definition(), before);
  assert.ok(existsSync(vm.disks[0].overlay));
});

guardCase(
  "restore folds nothing into a base below somebody else's image under our overlay",
  { everyShell: true },
  async (vm) => {
    await vm.prepare();
    const foreign = join(vm.hypervisor.directory, "images", "foreign.qcow2");
    vm.hypervisor.virsh("fake-overlay", vm.uuid, "vda", foreign);
    assert.equal((await vm.snapshot()).code, 0);
    vm.write("in the window");
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4);
    const [{ path, overlay }] = vm.disks;
    const why = `${overlay} lies on ${foreign} and not on ${path}, where it was to be folded; all are kept`;
    assert.equal(stdout, `left\tfold-overlay\tvda: ${why}\nstuck\n`);
    assert.deepEqual(writesIn(path), ["first"]);
    assert.ok(existsSync(overlay));
    assert.ok(!vm.hypervisor.calls().some((call) => call.includes("blockcommit")));
  },
);

for (const [named, line] of [
  ["of an alias", (alias: string) => alias],
  ["relative to the overlay", () => "alias.qcow2"],
  ["of which qemu-img tells the full one", (alias: string) => `x/alias.qcow2 (actual path: ${alias})`],
] as const) {
  guardCase(`restore knows the base by a name ${named}`, { ownTools: true }, async (vm) => {
    await vm.open();
    const [{ path }] = vm.disks;
    const alias = join(vm.hypervisor.directory, "images", "alias.qcow2");
    symlinkSync(path, alias);
    const own = join(vm.tools, "qemu-img");
    writeFileSync(
      own,
      `#!/bin/sh\n[ "$1" = info ] || { PATH=\${PATH#*:} exec qemu-img "$@"; }\necho 'backing file: ${line(alias)}'\n`,
      { mode: 0o755 },
    );
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm), undefined);
  });
}

guardCase("restore keeps overlay and definition of a disk that was detached", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.virsh("fake-detach", vm.uuid, "vda");
  const before = vm.definition();
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.match(
    stdout,
    /^left\tfold-overlay\tvda: the definition names .*, whose data may not be in .*; it is kept/,
  );
  assert.equal(vm.definition(), before);
  assert.ok(existsSync(vm.disks[0].overlay));
});

guardCase("restore waits for a libvirt that is being restarted", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.hook("before", "blockjob.1", 'echo 8 >"$VIRTFOLD_FAKE_LIBVIRT/control/silent"');
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

const impatient = { VIRTFOLD_BUSY_SECONDS: "0" };
guardCase("restore says so when libvirt does not answer at all", { settings: impatient }, async (vm) => {
  await vm.open();
  vm.hypervisor.control("silent", 1000);
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.equal(stdout, "left\tfold-overlay\tvda: libvirt does not answer\nstuck\n");
  assert.ok(existsSync(vm.disks[0].overlay));
});

guardCase("restore waits while libvirt is busy with the VM", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.control("busy", 2);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase(
  "restore folds a snapshot that takes effect only while it looks",
  { targets: ["vda", "vdb"] },
  async (vm) => {
    await vm.prepare();
    vm.hypervisor.control("late", 2);
    assert.equal((await vm.snapshot()).code, 1);
    assert.equal((await vm.guard("restore")).code, 0);
    assert.equal(traces(vm, ["first"]), undefined);
  },
);

guardCase("restore folds offline when the guest shuts down before the commit", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.hook("before", "blockcommit.1", `virsh destroy ${vm.uuid}`);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("restore folds offline when the guest shuts down before the pivot", {}, async (vm) => {
  await vm.open();
  vm.hypervisor.hook(
    "before",
    "blockjob.1",
    `virsh fake-write ${vm.uuid} vda late; virsh destroy ${vm.uuid}`,
  );
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm, ["first", "in the window", "late"]), undefined);
});

guardCase("restore puts a definition right that libvirt left on the overlay", {}, async (vm) => {
  const before = vm.definition();
  await vm.open();
  vm.hypervisor.control("keeps-definition", 1);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
  assert.equal(vm.definition(), before);
});

guardCase("restore does not take half a document for an answer", { targets: ["vda", "vdb"] }, async (vm) => {
  await vm.open();
  vm.hypervisor.hook("before", "domblkstat.1", 'echo 1 >"$VIRTFOLD_FAKE_LIBVIRT/control/truncated"');
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("restore needs no room on the disk once it runs", {}, async (vm) => {
  await vm.open();
  // What a journal line is written to first.
  mkdirSync(join(vm.folder, "journal.new"));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

const awkward = "a b'c\"d&e<f>ü $(touch executed) `touch executed`; touch executed #\\n%s -rf";
guardCase("awkward paths fold right, live", { imageFolder: awkward }, async (vm) => {
  await vm.open();
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});
guardCase("awkward paths fold right, offline", { imageFolder: awkward }, async (vm) => {
  const before = vm.definition();
  await vm.open();
  vm.hypervisor.virsh("destroy", vm.uuid);
  assert.equal((await vm.guard("restore")).stdout, "folded\tvda\nrestored\n");
  assert.equal(traces(vm), undefined);
  assert.equal(vm.definition(), before);
  assert.equal(readFileSync(vm.disks[0].path, "utf8"), "fake qcow2\nbacking -\nfirst\nin the window\n");
});
