// define-back: a VM that made room gets its place back, last of all, and is never undone for the one that took it.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { guardCase } from "./guard-case.ts";
import type { GuardedVm } from "./guarded-vm.ts";

const uuid = "11111111-2222-4333-8444-555555555555";
const folderOf = (vm: GuardedVm): string =>
  join(dirname(vm.disks[0].path), `web.virtfold-${vm.backupId}.replaced`);
const imageOf = (vm: GuardedVm): string => join(dirname(vm.disks[0].path), "old image");
const keptOf = (vm: GuardedVm): string => `${imageOf(vm)}.virtfold-${vm.backupId}.replaced`;

function definition(description: string): string {
  const lines = [
    ...["  <name>web</name>", `  <uuid>${uuid}</uuid>`, `  <description>${description}</description>`],
    ...["  <devices>", "  </devices>"],
  ];
  return ["<domain type='qemu'>", ...lines, "</domain>", ""].join("\n");
}

const isDefined = (vm: GuardedVm, as: string): boolean =>
  vm.hypervisor.xml(uuid, "inactive")?.includes(as) === true;

/** A VM that has made room for another one of its name and UUID. */
async function replace(vm: GuardedVm, files: Readonly<Record<string, string>> = {}): Promise<void> {
  await vm.arm();
  const record = async (...fields: readonly string[]): Promise<void> => {
    const { code, stderr } = await vm.guard("record", ...fields);
    assert.equal(code, 0, stderr);
  };
  // As lib/restore/keep-aside.ts does: each thing that is made is recorded before, and goes once all is undone.
  await record("remove-created", uuid, folderOf(vm));
  mkdirSync(folderOf(vm));
  const kept = { "definition.xml": definition("the old one"), ...files };
  for (const [name, text] of Object.entries(kept)) {
    await record("remove-created", uuid, join(folderOf(vm), name));
    writeFileSync(join(folderOf(vm), name), text);
  }
  vm.hypervisor.virsh("define", join(folderOf(vm), "definition.xml"));
  writeFileSync(imageOf(vm), "old");
  const { dev, ino } = statSync(imageOf(vm));
  await record("define-back", uuid, folderOf(vm));
  await record("move-back", uuid, keptOf(vm), imageOf(vm), `${dev}:${ino}`);
  renameSync(imageOf(vm), keptOf(vm));
  vm.hypervisor.virsh("undefine", uuid);
  await record("undefine-created", uuid, "web");
  const file = join(vm.hypervisor.directory, "new.xml");
  writeFileSync(file, definition("the new one"));
  vm.hypervisor.virsh("define", file);
}

guardCase("a VM that made room comes back with its files", { everyShell: true }, async (vm) => {
  await replace(vm);
  assert.ok(isDefined(vm, "the new one"));
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 0, stdout);
  assert.ok(isDefined(vm, "the old one"));
  assert.ok(existsSync(imageOf(vm)) && !existsSync(keptOf(vm)) && !existsSync(folderOf(vm)));
});

guardCase("a VM that was not undefined yet gets its files back and stays", {}, async (vm) => {
  await replace(vm);
  vm.hypervisor.virsh("define", join(folderOf(vm), "definition.xml"));
  // As if it had died before the undefinition.
  const journal = join(vm.folder, "journal");
  writeFileSync(journal, `${vm.journal().slice(0, -1).join("\n")}\n`);
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 0, stdout);
  assert.ok(isDefined(vm, "the old one") && existsSync(imageOf(vm)));
});

/** As if its file system had had another number when the file was renamed. */
function renumber(vm: GuardedVm, field: RegExp, becomes: string): void {
  const journal = join(vm.folder, "journal");
  const lines = readFileSync(journal, "utf8").split("\n");
  const changed = lines.map((line) => (line.includes("move-back") ? line.replace(field, becomes) : line));
  assert.notDeepEqual(changed, lines);
  writeFileSync(journal, changed.join("\n"));
}

guardCase(
  "its files are known after a boot that numbers file systems anew",
  { everyShell: true },
  async (vm) => {
    await replace(vm);
    renumber(vm, /\d+:(\d+)$/, "99999:$1");
    const header = join(vm.folder, "header");
    const other = "boot\t00000000-1111-4222-8333-444455556666";
    writeFileSync(header, readFileSync(header, "utf8").replace(/^boot\t.*$/m, other));
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 0, stdout);
    assert.ok(isDefined(vm, "the old one"));
    assert.ok(existsSync(imageOf(vm)) && !existsSync(keptOf(vm)) && !existsSync(folderOf(vm)));
  },
);

guardCase("it does not come back without its files, whatever has become of them", {}, async (vm) => {
  await replace(vm);
  renumber(vm, /(\d+):\d+$/, "$1:1");
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4, stdout);
  assert.match(stdout, /^left\tmove-back\t.*\.replaced is not what was called .*; it is kept$/m);
  renameSync(keptOf(vm), `${keptOf(vm)}.away`);
  const again = await vm.guard("restore");
  assert.equal(again.code, 4, again.stdout);
  assert.match(again.stdout, /^left\tmove-back\tneither .* nor .* is there$/m);
  assert.equal(vm.hypervisor.xml(uuid, "inactive"), undefined);
  assert.ok(existsSync(join(folderOf(vm), "definition.xml")), "the only definition is gone");
  // Put back by a person.
  renameSync(`${keptOf(vm)}.away`, imageOf(vm));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.ok(isDefined(vm, "the old one") && existsSync(imageOf(vm)) && !existsSync(folderOf(vm)));
});

guardCase("it does not come back before its files do", {}, async (vm) => {
  await replace(vm);
  writeFileSync(imageOf(vm), "somebody else's");
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4, stdout);
  assert.match(stdout, /^left\tmove-back\tsomething else is called .*$/m);
  assert.match(
    stdout,
    /^left\tdefine-back\tthe VM is defined again once the rest is undone; until then it is in /m,
  );
  assert.equal(vm.hypervisor.xml(uuid, "inactive"), undefined);
  assert.ok(existsSync(join(folderOf(vm), "definition.xml")), "the only definition is gone");
  renameSync(imageOf(vm), `${imageOf(vm)}.away`);
  assert.equal((await vm.guard("restore")).code, 0);
  assert.ok(isDefined(vm, "the old one") && !existsSync(folderOf(vm)));
});

guardCase(
  "what it is defined from stays for as long as that fails, and goes then",
  { everyShell: true },
  async (vm) => {
    const snapshot = "<domainsnapshot>\n  <name>first</name>\n</domainsnapshot>\n";
    await replace(vm, { "snapshot-00000.xml": snapshot, current: "snapshot-00000.xml\n" });
    vm.hypervisor.control("redefine-fails", 1);
    const { code, stdout } = await vm.guard("restore");
    assert.equal(code, 4, stdout);
    assert.match(stdout, /^left\tdefine-back\tvirsh snapshot-create failed: /m);
    for (const name of ["definition.xml", "snapshot-00000.xml", "current"])
      assert.ok(existsSync(join(folderOf(vm), name)), `${name} is gone`);
    const again = await vm.guard("restore");
    assert.equal(again.code, 0, again.stdout);
    assert.ok(isDefined(vm, "the old one") && !existsSync(folderOf(vm)));
  },
);

guardCase(
  "one that came back is not undone in the place of the other when that is tried again",
  {},
  async (vm) => {
    await replace(vm);
    // Dies when it has defined the old one.
    writeFileSync(join(folderOf(vm), "autostart"), "");
    const first = await vm.guard("restore");
    // The fake knows no autostart.
    assert.equal(first.code, 4, first.stdout);
    assert.match(first.stdout, /^left\tdefine-back\tvirsh autostart failed: /m);
    assert.ok(isDefined(vm, "the old one"));
    const calls = vm.hypervisor.calls().filter((call) => call.startsWith("virsh undefine ")).length;
    await vm.guard("restore");
    assert.equal(vm.hypervisor.calls().filter((call) => call.startsWith("virsh undefine ")).length, calls);
    assert.ok(isDefined(vm, "the old one"));
  },
);
