// Each undo verb by itself: run when the change was never made, run again, run twice at once, run after it failed.

import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { undoVerbs, type UndoVerb } from "../../lib/guard/undo-action.ts";
import { guardCase } from "./guard-case.ts";
import type { GuardedVm } from "./guarded-vm.ts";
import { restoreTwiceAtOnce } from "./hold-lock.ts";

interface UndoCase {
  readonly verb: UndoVerb;
  fields(vm: GuardedVm): readonly string[];
  make(vm: GuardedVm): Promise<void> | void;
  isThere(vm: GuardedVm): boolean;
}

const cloneOf = (vm: GuardedVm): string =>
  join(dirname(vm.disks[0].path), `vda.virtfold-${vm.backupId}.clone`);
const createdBy = (vm: GuardedVm): string =>
  join(dirname(vm.disks[0].path), `new.virtfold-${vm.backupId}.restoring`);
const movedTo = (vm: GuardedVm): string => join(dirname(vm.disks[0].path), "new");
/** Another VM's than the one that runs: what is restored is not there yet. */
const restored = "11111111-2222-4333-8444-555555555555";
const drilled = (vm: GuardedVm): string => `drill-web.virtfold-${vm.backupId}`;
const definitionOf = (vm: GuardedVm, name: string): string => {
  const file = join(vm.hypervisor.directory, "restored.xml");
  const lines = [`  <name>${name}</name>`, `  <uuid>${restored}</uuid>`, "  <devices>", "  </devices>"];
  writeFileSync(file, ["<domain type='qemu'>", ...lines, "</domain>", ""].join("\n"));
  return file;
};
const isMarked = (vm: GuardedVm, mark: string): boolean =>
  existsSync(join(vm.hypervisor.state, "domains", vm.uuid, mark));

const undoCases: readonly UndoCase[] = [
  {
    verb: "fold-overlay",
    fields: ({ uuid, disks: [{ target, overlay, path }] }) => [uuid, target, overlay, path],
    make: async (vm) => void (await vm.snapshot()),
    isThere: (vm) => existsSync(vm.disks[0].overlay),
  },
  {
    verb: "thaw-guest",
    fields: ({ uuid }) => [uuid],
    make: async (vm) => void (await vm.guard("change", "virsh", "domfsfreeze", vm.uuid)),
    isThere: (vm) => isMarked(vm, "frozen"),
  },
  {
    verb: "resume-guest",
    fields: ({ uuid }) => [uuid],
    make: (vm) => void vm.hypervisor.virsh("fake-pause", vm.uuid, "I/O error"),
    isThere: (vm) => isMarked(vm, "paused"),
  },
  {
    verb: "remove-clone",
    fields: (vm) => [vm.uuid, cloneOf(vm)],
    make: (vm) => writeFileSync(cloneOf(vm), "data"),
    isThere: (vm) => existsSync(cloneOf(vm)),
  },
  {
    verb: "remove-created",
    fields: (vm) => [restored, createdBy(vm)],
    make: (vm) => writeFileSync(createdBy(vm), "data"),
    isThere: (vm) => existsSync(createdBy(vm)),
  },
  {
    verb: "move-back",
    fields: (vm) => {
      writeFileSync(createdBy(vm), "data");
      const { dev, ino } = statSync(createdBy(vm));
      return [restored, movedTo(vm), createdBy(vm), `${dev}:${ino}`];
    },
    make: (vm) => renameSync(createdBy(vm), movedTo(vm)),
    isThere: (vm) => existsSync(movedTo(vm)),
  },
  {
    verb: "undefine-created",
    fields: () => [restored, "restored"],
    make: (vm) => void vm.hypervisor.virsh("define", definitionOf(vm, "restored")),
    isThere: (vm) => vm.hypervisor.xml(restored, "inactive") !== undefined,
  },
  {
    verb: "clear-created",
    fields: (vm) => [restored, createdBy(vm)],
    make: (vm) => {
      mkdirSync(createdBy(vm));
      for (const file of ["vda.overlay", "serial.log.0", ".hidden", "..odd"])
        writeFileSync(join(createdBy(vm), file), "data");
      symlinkSync("/etc/hostname", join(createdBy(vm), "link"));
    },
    isThere: (vm) => existsSync(createdBy(vm)),
  },
  {
    verb: "end-created",
    fields: (vm) => [restored, drilled(vm)],
    make: (vm) => void vm.hypervisor.virsh("create", definitionOf(vm, drilled(vm))),
    isThere: (vm) => vm.hypervisor.xml(restored, "live") !== undefined,
  },
  {
    verb: "define-back",
    fields: (vm) => {
      mkdirSync(createdBy(vm), { recursive: true });
      const file = join(createdBy(vm), "definition.xml");
      copyFileSync(definitionOf(vm, "restored"), file);
      vm.hypervisor.virsh("define", file);
      return [restored, createdBy(vm)];
    },
    make: (vm) => void vm.hypervisor.virsh("undefine", restored),
    isThere: (vm) => vm.hypervisor.xml(restored, "inactive") === undefined,
  },
];

test("each verb there is is tried", () => {
  assert.deepEqual(undoCases.map(({ verb }) => verb).toSorted(), [...undoVerbs].toSorted());
});

for (const undo of undoCases) {
  const record = async (vm: GuardedVm): Promise<void> => {
    const { code, stderr } = await vm.guard("record", undo.verb, ...undo.fields(vm));
    assert.equal(code, 0, stderr);
  };
  const arm = async (vm: GuardedVm): Promise<void> => {
    await vm.arm();
    await record(vm);
  };
  const make = async (vm: GuardedVm): Promise<void> => {
    await undo.make(vm);
    assert.ok(undo.isThere(vm), "the change has not been made");
  };
  const restore = async (vm: GuardedVm): Promise<void> => {
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 0, stdout);
    assert.ok(!undo.isThere(vm), "the change is still there");
  };

  guardCase(`${undo.verb} does nothing when the change was never made`, {}, async (vm) => {
    await arm(vm);
    await restore(vm);
  });

  guardCase(`${undo.verb} does nothing more when it is run again`, {}, async (vm) => {
    await arm(vm);
    // Twice in one restore, and once more in the next.
    await record(vm);
    await make(vm);
    await restore(vm);
    await arm(vm);
    await restore(vm);
  });

  guardCase(`${undo.verb} ends well when it is run twice at once`, {}, async (vm) => {
    await arm(vm);
    await make(vm);
    for (const { code, stdout } of await restoreTwiceAtOnce(vm)) assert.equal(code, 0, stdout);
    assert.ok(!undo.isThere(vm), "the change is still there");
  });

  const impatient = { VIRTFOLD_BUSY_SECONDS: "1", VIRTFOLD_THAW_SECONDS: "1" };
  guardCase(`${undo.verb} ends well when it is run after it failed`, { settings: impatient }, async (vm) => {
    await arm(vm);
    await make(vm);
    vm.hypervisor.control("silent", 1000);
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4);
    assert.match(stdout, new RegExp(`^left\t${undo.verb}\t.*libvirt does not answer.*\nstuck\n$`));
    assert.ok(undo.isThere(vm));
    vm.hypervisor.control("silent", 0);
    await restore(vm);
  });
}

const hasty = { VIRTFOLD_BUSY_SECONDS: "1" };

guardCase("clear-created is refused for a folder that is ours only by where it is", {}, async (vm) => {
  await vm.arm();
  const { code, stderr } = await vm.guard("record", "clear-created", restored, join(createdBy(vm), "images"));
  assert.equal(code, 2);
  assert.match(stderr, /not ours by its own name/);
});

guardCase("clear-created keeps folders below it, and what a link leads to", {}, async (vm) => {
  await vm.arm();
  await vm.guard("record", "clear-created", restored, createdBy(vm));
  const [inner, outside] = [join(createdBy(vm), "inner"), join(vm.hypervisor.directory, "outside")];
  for (const folder of [inner, outside]) mkdirSync(folder, { recursive: true });
  for (const folder of [inner, outside]) writeFileSync(join(folder, "file"), "data");
  symlinkSync(outside, join(createdBy(vm), "link"));
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.match(stdout, /^left\tclear-created\tcannot delete folder /m);
  for (const folder of [inner, outside]) assert.ok(existsSync(join(folder, "file")));
});

guardCase("end-created is refused for a VM that is not ours by its name", {}, async (vm) => {
  await vm.arm();
  const { code, stderr } = await vm.guard("record", "end-created", restored, "web");
  assert.equal(code, 2);
  assert.match(stderr, /not ours by its name/);
});

guardCase(
  "end-created keeps a VM of another name, and one that was defined since",
  { settings: hasty },
  async (vm) => {
    await vm.arm();
    await vm.guard("record", "end-created", restored, drilled(vm));
    vm.hypervisor.virsh("create", definitionOf(vm, "somebody else's"));
    const renamed = await vm.guard("restore");
    assert.match(
      renamed.stdout,
      /^left\tend-created\tthe VM has another name, somebody else's; it is kept$/m,
    );
    vm.hypervisor.virsh("create", definitionOf(vm, drilled(vm)));
    vm.hypervisor.virsh("define", definitionOf(vm, drilled(vm)));
    const defined = await vm.guard("restore");
    assert.match(defined.stdout, /^left\tend-created\tthe VM has been defined since; it is kept$/m);
    assert.ok(vm.hypervisor.xml(restored, "live") !== undefined);
  },
);

guardCase("end-created ends a VM that does not die at once", {}, async (vm) => {
  await vm.arm();
  await vm.guard("record", "end-created", restored, drilled(vm));
  vm.hypervisor.virsh("create", definitionOf(vm, drilled(vm)));
  vm.hypervisor.control("destroy-fails", 2);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(vm.hypervisor.xml(restored, "live"), undefined);
});

guardCase(
  "a folder of ours with folders in it goes, from under the name that it was given",
  {},
  async (vm) => {
    await vm.arm();
    const folder = createdBy(vm);
    const [inner, state] = [join(folder, "tpm2"), join(folder, "tpm2", "state")];
    for (const path of [folder, inner, state]) {
      const { code, stderr } = await vm.guard("record", "remove-created", restored, path);
      assert.equal(code, 0, stderr);
    }
    mkdirSync(inner, { recursive: true });
    writeFileSync(state, "data");
    const { dev, ino } = statSync(folder);
    await vm.guard("record", "move-back", restored, movedTo(vm), folder, `${dev}:${ino}`);
    renameSync(folder, movedTo(vm));
    assert.equal((await vm.guard("restore")).code, 0);
    for (const path of [folder, movedTo(vm)]) assert.ok(!existsSync(path), path);
  },
);

guardCase("remove-created is refused for what lies deeper in a folder of ours", {}, async (vm) => {
  await vm.arm();
  const path = join(createdBy(vm), "a", "b", "c");
  const { code, stderr } = await vm.guard("record", "remove-created", restored, path);
  assert.equal(code, 2);
  assert.match(stderr, /not ours by its name/);
});
