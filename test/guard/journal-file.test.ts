// record, change and settle: what guard.sh writes down, and what it refuses.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appearance, guardCase } from "./guard-case.ts";
import { traces } from "./guarded-vm.ts";

guardCase("record refuses what could never be undone", {}, async (vm) => {
  await vm.arm();
  const ours = "/images/vda.virtfold-1.qcow2";
  const refused: readonly (readonly string[])[] = [
    ["fold-overlay", vm.uuid, "vda", ours, ""],
    ["fold-overlay", vm.uuid, "v\tda", ours, "/base"],
    ["fold-overlay", vm.uuid, "vda", ours, "/ba\nse"],
    ["fold-overlay", vm.uuid, "vda", ours],
    ["fold-overlay", vm.uuid, "vda", "vda.virtfold-1.qcow2", "/base"],
    ["fold-overlay", vm.uuid, "vda", "/images/web.qcow2", "/base"],
    ["fold-overlay", vm.uuid, "vda", "/images/vda.virtfold-1'.qcow2", "/base"],
    ["thaw-guest", ""],
    ["thaw-guest", vm.uuid, "more"],
    ["remove-file", "/etc/passwd"],
    [""],
    [],
  ];
  for (const fields of refused) {
    const { code, stderr } = await vm.guard("record", ...fields);
    assert.equal(code, 2, JSON.stringify(fields));
    assert.notEqual(stderr, "");
  }
  assert.deepEqual(vm.journal(), []);
});

guardCase("record keeps every byte of a path", {}, async (vm) => {
  await vm.arm();
  const base = "/ü  $(touch x) `touch x` 'a' \"b\" \\n %s -rf * ; & | # ";
  const fields = ["fold-overlay", vm.uuid, "vda", "/images/vda.virtfold-1.qcow2", base];
  assert.equal((await vm.guard("record", ...fields)).code, 0);
  assert.deepEqual(vm.journal(), [fields.join("\t")]);
});

guardCase("a record that cannot be written leaves the journal whole", {}, async (vm) => {
  await vm.prepare();
  const before = vm.journal();
  mkdirSync(join(vm.folder, "journal.new"));
  assert.notEqual((await vm.guard("record", "thaw-guest", vm.uuid)).code, 0);
  assert.deepEqual(vm.journal(), before);
});

guardCase("change runs the command as it is and passes on how it ended", {}, async (vm) => {
  await vm.arm();
  const { code, stdout } = await vm.guard(
    "change",
    "sh",
    "-c",
    'printf "<%s>" "$@"; exit 7',
    "sh",
    "a  b",
    "$(id)",
    "",
  );
  assert.equal(code, 7);
  assert.equal(stdout, "<a  b><$(id)><>");
});

guardCase("nothing is changed or recorded once restoring has begun", {}, async (vm) => {
  await vm.prepare();
  writeFileSync(vm.disks[0].overlay, "not an image, so restore gets stuck\n");
  assert.equal((await vm.guard("restore")).code, 4);
  assert.equal(readFileSync(join(vm.folder, "state"), "utf8"), "stuck\n");
  const marker = join(vm.hypervisor.directory, "changed");
  assert.equal((await vm.guard("change", "touch", marker)).code, 5);
  assert.ok(!existsSync(marker));
  assert.equal((await vm.guard("record", "thaw-guest", vm.uuid)).code, 5);
});

guardCase("a change keeps the lock as long as it lives, even without guard.sh", {}, async (vm) => {
  await vm.prepare();
  const { directory } = vm.hypervisor;
  const [started, go] = [join(directory, "started"), join(directory, "go")];
  const slow =
    'kill -9 "$PPID"; : >"$1"; until [ -e "$2" ] || [ ! -d "${2%/*}" ]; do sleep 0.01; done; shift 2; exec "$@"';
  const [{ overlay }] = vm.disks;
  const snapshot = [
    "virsh",
    "snapshot-create-as",
    vm.uuid,
    "x",
    "--disk-only",
    "--diskspec",
    `vda,file=${overlay}`,
  ];
  const changed = vm.guard("change", "sh", "-c", slow, "sh", started, go, ...snapshot);
  await appearance(started);
  assert.throws(() => execFileSync("flock", ["-n", `${vm.folder}.lock`, "true"], { stdio: "ignore" }));
  const restored = vm.guard("restore");
  writeFileSync(go, "");
  await changed;
  assert.equal((await restored).code, 0);
  assert.equal(traces(vm, ["first"]), undefined);
});

guardCase("what comes too late finds the guard gone", {}, async (vm) => {
  await vm.arm();
  const copy = join(vm.hypervisor.directory, "guard.sh");
  writeFileSync(copy, readFileSync(join(vm.folder, "guard.sh")));
  assert.equal((await vm.guard("restore")).code, 0);
  mkdirSync(vm.folder);
  writeFileSync(join(vm.folder, "guard.sh"), readFileSync(copy));
  for (const late of [
    ["record", "thaw-guest", vm.uuid],
    ["change", "true"],
    ["settle", "thaw-guest"],
  ]) {
    assert.equal((await vm.guard(...late)).code, 5, late[0]);
  }
  assert.equal((await vm.guard("restore")).stdout, "restored\n");
  assert.equal((await vm.guard("status")).stdout, "gone\n");
});

guardCase("what another backup sends leaves this guard alone", {}, async (vm) => {
  await vm.open();
  const journal = vm.journal();
  const other = "VIRTFOLD_BACKUP_ID=20261122-012500-aaaaaa";
  const send = (...args: readonly string[]): string | number => {
    const argv = [...vm.shell.command, join(vm.folder, "guard.sh"), ...args];
    const { status, stdout } = spawnSync("env", [other, ...argv], {
      env: { ...vm.environment },
      encoding: "utf8",
    });
    return status === 0 ? stdout : status!;
  };
  const marker = join(vm.hypervisor.directory, "changed");
  assert.equal(send("record", "thaw-guest", vm.uuid), 5);
  assert.equal(send("change", "touch", marker), 5);
  assert.equal(send("settle", "thaw-guest"), 5);
  assert.equal(send("renew"), 5);
  assert.equal(send("restore", "asked", ""), "restored\n");
  assert.ok(!existsSync(marker));
  assert.deepEqual(vm.journal(), journal);
  assert.ok(existsSync(vm.disks[0].overlay));
  assert.equal(readFileSync(join(vm.folder, "state"), "utf8"), "open\n");
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("restore goes on where it cannot write what is left", { everyShell: true }, async (vm) => {
  await vm.open();
  mkdirSync(join(vm.folder, "left"));
  assert.equal((await vm.guard("restore")).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("a lock that can only be read is a lock all the same", {}, async (vm) => {
  await vm.open();
  rmSync(`${vm.folder}.lock`);
  mkdirSync(`${vm.folder}.lock`);
  const [started, go] = ["started", "go"].map((name) => join(vm.hypervisor.directory, name)) as [
    string,
    string,
  ];
  const changed = vm.guard(
    "change",
    "sh",
    "-c",
    `: >'${started}'; until [ -e '${go}' ]; do sleep 0.01; done`,
  );
  await appearance(started);
  assert.throws(() => execFileSync("flock", ["-n", `${vm.folder}.lock`, "true"], { stdio: "ignore" }));
  const restored = vm.guard("restore");
  writeFileSync(go, "");
  assert.equal((await changed).code, 0);
  assert.equal((await restored).code, 0);
  assert.equal(traces(vm), undefined);
});

guardCase("status shows state, header and journal", {}, async (vm) => {
  await vm.prepare();
  const { stdout } = await vm.guard("status");
  assert.match(stdout, /^open\nbackup-id\t/);
  assert.ok(stdout.endsWith(`${vm.journal().join("\n")}\n`));
});
