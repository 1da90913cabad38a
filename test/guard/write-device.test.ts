// What guard.sh writes onto a block device: whole blocks where they belong, on no other device, and not once the host has
// begun to restore itself.

import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { randomBytes } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeLoopDevice, skipWithoutLoops, type LoopDevice } from "../support/loop-device.ts";
import { guardCase } from "./guard-case.ts";
import type { GuardedVm } from "./guarded-vm.ts";

const mebibyte = 1024 * 1024;
const marker = "5eb63bbbe01eeed093cb22bb8f5acdc3";

/** A process that writes, once it is ready to or has ended. */
interface Writer {
  readonly child: ChildProcessWithoutNullStreams;
  readonly said: () => string;
  readonly end: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** Waits until it has printed this, or has ended. */
  readonly until: (text: string) => Promise<void>;
}

function write(vm: GuardedVm, device: string, number: string, id = vm.backupId): Writer {
  const [program, ...before] = vm.shell.command;
  const args = [...before, join(vm.folder, "guard.sh"), "write"];
  const child = spawn(program, [...args, device, number, marker], {
    env: { ...vm.environment, VIRTFOLD_BACKUP_ID: id },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => undefined);
  const end = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stderr })),
  );
  const until = async (text: string): Promise<void> => {
    while (!stdout.includes(text) && child.exitCode === null)
      await Promise.race([end, new Promise((resolve) => child.stdout.once("data", resolve))]);
  };
  return { child, said: () => stdout, end, until };
}

function deviceCase(
  name: string,
  options: Parameters<typeof guardCase>[1],
  body: (vm: GuardedVm, device: LoopDevice) => Promise<void>,
): void {
  if (skipWithoutLoops !== false) return void test(name, { skip: skipWithoutLoops });
  guardCase(name, options, async (vm) => {
    const device = makeLoopDevice(6 * mebibyte);
    try {
      await vm.arm();
      await body(vm, device);
    } finally {
      device.remove();
    }
  });
}

deviceCase("what comes is written where it belongs, zeros too", { everyShell: true }, async (vm, device) => {
  const before = device.content();
  const link = join(vm.hypervisor.directory, "a device's `name`");
  symlinkSync(device.path, link);
  const { child, end, said, until } = write(vm, link, device.number);
  await until(marker);
  const [first, last] = [randomBytes(2 * mebibyte), randomBytes(1536)];
  child.stdin.write(Buffer.concat([Buffer.from(`data ${mebibyte} 0 2\n`), first]));
  await until(`wrote ${2 * mebibyte}\n`);
  child.stdin.write(`zeros ${mebibyte} 2 1\n`);
  child.stdin.end(Buffer.concat([Buffer.from(`data 512 ${(3 * mebibyte) / 512} 3\n`), last]));
  assert.deepEqual(await end, { code: 0, stderr: "" });
  assert.equal(
    said(),
    `\n${marker}\nwrote ${2 * mebibyte}\nwrote ${3 * mebibyte}\nwrote ${3 * mebibyte + 1536}\n`,
  );
  const after = device.content();
  assert.ok(after.subarray(0, first.length).equals(first));
  assert.ok(after.subarray(2 * mebibyte, 3 * mebibyte).every((byte) => byte === 0));
  const rest = 3 * mebibyte + last.length;
  assert.ok(after.subarray(3 * mebibyte, rest).equals(last));
  assert.ok(after.subarray(rest).equals(before.subarray(rest)), "what lies behind it was changed");
});

deviceCase("a stream that ends early is no success", { everyShell: true }, async (vm, device) => {
  const { child, end, said, until } = write(vm, device.path, device.number);
  await until(marker);
  child.stdin.end(Buffer.concat([Buffer.from(`data ${mebibyte} 0 2\n`), randomBytes(mebibyte)]));
  assert.deepEqual(await end, { code: 8, stderr: "the stream ended early\n" });
  assert.ok(!said().includes("wrote"));
});

deviceCase("nothing is written past the end of the device", {}, async (vm, device) => {
  const { child, end, until } = write(vm, device.path, device.number);
  await until(marker);
  child.stdin.end(`zeros ${mebibyte} 6 1\n`);
  const { code, stderr } = await end;
  assert.equal(code, 8);
  assert.match(stderr, /No space left on device/);
});

deviceCase("what is no such device is refused before anything is read", {}, async (vm, device) => {
  const before = device.content();
  const file = join(vm.hypervisor.directory, "file");
  writeFileSync(file, "a file");
  for (const [path, number, sentence] of [
    [file, device.number, /is no block device/],
    [join(vm.hypervisor.directory, "missing"), device.number, /is no block device/],
    ["/dev/null", "1:3", /is no block device/],
    [device.path, "7:999", /is another device than before/],
  ] as const) {
    const { child, end, said } = write(vm, path, number);
    child.stdin.end(`zeros ${mebibyte} 0 1\n`);
    const { code, stderr } = await end;
    assert.equal(code, 8);
    assert.match(stderr, sentence);
    assert.equal(said(), "");
  }
  assert.ok(device.content().equals(before));
});

for (const line of [
  "data 1048576 0",
  "data 1048576 0 -1",
  "erase 1048576 0 1",
  "data 1048576 0 1;reboot",
  "$(reboot) 1 1 1",
])
  deviceCase(`no part of ${JSON.stringify(line)} is carried out`, {}, async (vm, device) => {
    const before = device.content();
    const { child, end, until } = write(vm, device.path, device.number);
    await until(marker);
    child.stdin.end(`${line}\n`);
    assert.deepEqual(await end, { code: 2, stderr: "cannot understand what came\n" });
    assert.ok(device.content().equals(before));
  });

deviceCase(
  "the host ends whoever writes before it calls itself restored",
  { everyShell: true },
  async (vm, device) => {
    const { child, end, until } = write(vm, device.path, device.number);
    await until(marker);
    // It waits for the rest, as on a link that is gone.
    child.stdin.write(Buffer.concat([Buffer.from(`data ${mebibyte} 0 4\n`), randomBytes(mebibyte)]));
    assert.equal((await vm.guard("restore")).stdout, "restored\n");
    assert.equal((await end).code, null);
    const after = write(vm, device.path, device.number);
    assert.notEqual((await after.end).code, 0, "there is no guard to write by");
  },
);

deviceCase("one writes at a time: the next ends the one before", { everyShell: true }, async (vm, device) => {
  const first = write(vm, device.path, device.number);
  await first.until(marker);
  const second = write(vm, device.path, device.number);
  await second.until(marker);
  assert.equal((await first.end).code, null);
  second.child.stdin.end();
  assert.equal((await second.end).code, 0);
});

deviceCase(
  "nothing is written once the host has begun to restore itself, nor for another backup",
  {},
  async (vm, device) => {
    const other = write(vm, device.path, device.number, "20261123-012500-ffffff");
    assert.deepEqual(await other.end, { code: 5, stderr: "the guard is gone: everything was restored\n" });
    writeFileSync(join(vm.folder, "state"), "restoring\n");
    const late = write(vm, device.path, device.number);
    assert.deepEqual(await late.end, { code: 5, stderr: "this host has begun to restore itself\n" });
  },
);
