// arm.sh: a whole guard, or nothing that counts.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { undoVerbs } from "../../lib/guard/undo-action.ts";
import { fakePrograms } from "../support/fake-virsh.ts";
import { guardCase } from "./guard-case.ts";
import { holdLock, restoreTwiceAtOnce } from "./hold-lock.ts";

guardCase("guard.sh knows the verbs of the TypeScript union, no more", { everyShell: true }, async (vm) => {
  await vm.arm();
  assert.deepEqual((await vm.guard("verbs")).stdout.trimEnd().split("\n"), [...undoVerbs]);
});

guardCase("arm leaves a whole guard that only its owner can read", { everyShell: true }, async (vm) => {
  const { code, stdout } = await vm.arm();
  assert.equal(code, 0);
  assert.equal(stdout, `armed\t${vm.folder}\n`);
  const names = ["definition.xml", "guard.sh", "header", "journal", "lease", "peak", "state", "watch.lock"];
  assert.deepEqual(readdirSync(vm.folder).sort(), names);
  assert.equal(statSync(vm.folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(vm.folder, "definition.xml")).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(vm.folder, "definition.xml"), "utf8").trimEnd(), vm.definition().trimEnd());
  const header = readFileSync(join(vm.folder, "header"), "utf8")
    .replace(/^(since\t).{20}$/m, "$1then")
    .replace(/^(boot\t)[0-9a-f-]{36}$/m, "$1this");
  const lines = [`backup-id\t${vm.backupId}`, `uuid\t${vm.uuid}`, "uri\tfake:///", "vm\tweb"];
  const limits = ["boot\tthis", "lease-seconds\t0", "budget-bytes\t0", "reserve-bytes\t0"];
  assert.equal(
    header,
    `${[...lines, "controller\ttester@here pid 1", "since\tthen", ...limits].join("\n")}\n`,
  );
  assert.equal((await vm.guard("restore")).stdout, "restored\n");
  assert.ok(!existsSync(vm.folder));
});

guardCase(
  "a second arm is held, and says by whom since when",
  { everyShell: true, leaseSeconds: 60 },
  async (vm) => {
    await vm.prepare();
    const before = vm.journal();
    const { code, stdout } = await vm.arm();
    assert.equal(code, 3);
    assert.match(
      stdout,
      new RegExp(
        `^held\t${vm.folder}\t${vm.backupId}\t\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\ttester@here pid 1\n$`,
      ),
    );
    assert.deepEqual(vm.journal(), before);
  },
);

guardCase("arm writes over the remains of an arming that died", {}, async (vm) => {
  mkdirSync(join(vm.folder, "work.123"), { recursive: true });
  writeFileSync(join(vm.folder, "guard.sh"), "half a scri");
  writeFileSync(join(vm.folder, "state"), "stuck\n");
  assert.equal((await vm.arm()).code, 0);
  assert.equal(readFileSync(join(vm.folder, "state"), "utf8"), "open\n");
  assert.ok(!existsSync(join(vm.folder, "work.123")));
});

guardCase("arm leaves nothing when libvirt does not answer", {}, async (vm) => {
  vm.hypervisor.control("silent", 1);
  const { code, stdout } = await vm.arm();
  assert.equal(code, 1);
  assert.equal(stdout, "failed\tvirsh dumpxml failed\n");
  assert.ok(!existsSync(vm.folder));
  assert.equal((await vm.arm()).code, 0);
});

guardCase("arm refuses half a definition", {}, async (vm) => {
  vm.hypervisor.control("truncated", 1);
  assert.match((await vm.arm()).stdout, /^failed\tcannot write in /);
  assert.ok(!existsSync(vm.folder));
});

guardCase("arm refuses a host that lacks what restoring may need", { ownTools: true }, async (vm) => {
  // A PATH with the fake virsh and the machine's tools, but without any qemu-img.
  symlinkSync(join(fakePrograms, "virsh"), join(vm.tools, "virsh"));
  for (const folder of ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]) {
    for (const name of readdirSync(folder)) linkUnless(join(folder, name), join(vm.tools, name));
  }
  assert.equal((await vm.arm({ ...vm.environment, PATH: vm.tools })).stdout, "failed\tqemu-img is missing\n");
});

function linkUnless(source: string, target: string): void {
  if (!existsSync(target) && !/qemu-img$/.test(source)) symlinkSync(source, target);
}

guardCase("arm waits for an earlier guard of the VM that still removes itself", {}, async (vm) => {
  const released = join(vm.hypervisor.directory, "released");
  mkdirSync(dirname(vm.folder), { recursive: true });
  const lock = await holdLock(vm);
  vm.hypervisor.hook("before", "dumpxml.1", `[ -e "${released}" ]`);
  const armed = vm.arm();
  await lock.awaited(1);
  writeFileSync(released, "");
  lock.release();
  assert.equal((await armed).code, 0);
});

guardCase(
  "what was armed for a VM that is to be forgotten leaves nothing, also when two restore it at once",
  { everyShell: true, isForgotten: true },
  async (vm) => {
    const state = dirname(vm.folder);
    assert.equal((await vm.arm()).stdout, `armed\t${vm.folder}\n`);
    for (const { code, stdout } of await restoreTwiceAtOnce(vm))
      assert.deepEqual([code, stdout], [0, "restored\n"]);
    assert.deepEqual(readdirSync(state), []);
  },
);

guardCase("a lock that was deleted while it was waited for is none", { everyShell: true }, async (vm) => {
  assert.equal((await vm.arm()).code, 0);
  const lock = await holdLock(vm);
  const isHeld = 'flock -n "$1" true || echo held';
  const changed = vm.guard("change", "sh", "-c", isHeld, "sh", `${vm.folder}.lock`);
  await lock.awaited(1);
  lock.release("delete");
  assert.equal((await changed).stdout, "held\n");
});
