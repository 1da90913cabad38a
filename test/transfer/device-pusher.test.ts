// Bytes onto a real block device over OpenSSH's own server, written by the guard's own script.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { LinkBreak } from "../../lib/backup/ports.ts";
import type { DevicePush } from "../../lib/restore/ports.ts";
import { openTransfer, type Transfer } from "../../lib/transfer/open-transfer.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { sshdPath, startSshd, type RealSshd } from "../ssh/real-sshd.ts";
import { makeLoopDevice, skipWithoutLoops, type LoopDevice } from "../support/loop-device.ts";

const skip = sshdPath === undefined ? "sshd is missing" : skipWithoutLoops;
const mebibyte = 1024 * 1024;
const content = Buffer.concat([
  ...[randomBytes(20 * mebibyte), Buffer.alloc(20 * mebibyte), randomBytes(7 * mebibyte + 512)],
]);

describe("pushToDevice()", { skip }, () => {
  let server: RealSshd;
  let device: LoopDevice;
  let behind: Buffer;
  let localPath: string;
  let guard: string;
  const transfers: Transfer[] = [];
  before(async () => {
    server = await startSshd();
    device = makeLoopDevice(content.length + mebibyte);
    behind = device.content().subarray(content.length);
    localPath = join(server.folder.path, "vda.raw");
    writeFileSync(localPath, content);
    // As arm.sh leaves a guard that nobody watches.
    guard = join(server.folder.path, "gu ard");
    mkdirSync(guard);
    const script = new URL("../../lib/guard/guard.sh", import.meta.url);
    writeFileSync(join(guard, "guard.sh"), readFileSync(script));
    for (const [name, text] of Object.entries({ journal: "", state: "open\n", header: "backup-id\tmine\n" }))
      writeFileSync(join(guard, name), text);
  });
  after(async () => {
    for (const transfer of transfers) await transfer.close();
    await server?.close();
    device?.remove();
  });

  const open = async (alias = "real"): Promise<Transfer> => {
    const versions = { localRsyncVersion: undefined, remoteRsyncVersion: undefined };
    const transfer = await openTransfer(
      { name: alias, destination: alias, uri: "" },
      { configFile: server.folder.configFile, environment: process.env, pauses: [1, 1], ...versions },
    );
    transfers.push(transfer);
    return transfer;
  };
  const pushed = (
    changes: Partial<DevicePush> = {},
    number = device.number,
  ): DevicePush & { opened: number } => {
    const push = {
      ...{ localPath, bytes: content.length, devicePath: device.path, opened: 0 },
      writer: (marker: string) =>
        [
          "env",
          "VIRTFOLD_BACKUP_ID=mine",
          "sh",
          join(guard, "guard.sh"),
          "write",
          device.path,
          number,
          marker,
        ] as const,
      onOpen: () => void push.opened++,
      ...changes,
    };
    return push;
  };
  const follow = () => {
    const followed = { bytes: [] as number[], breaks: [] as LinkBreak[] };
    const { signal } = new AbortController();
    return {
      followed,
      options: {
        signal,
        onBytes: (bytes: number) => void followed.bytes.push(bytes),
        onBreak: (broken: LinkBreak) => void followed.breaks.push(broken),
      },
    };
  };
  const assertWritten = (): void => {
    const found = device.content();
    assert.ok(found.subarray(0, content.length).equals(content), "the device differs");
    assert.ok(found.subarray(content.length).equals(behind), "what lies behind it differs");
  };

  it("writes all of it, zeros too, and tells how far it is", async () => {
    writeFileSync(join(server.home, ".bashrc"), "echo Welcome; echo 'no tty' >&2\n");
    const { followed, options } = follow();
    const push = pushed();
    await (await open()).pusher().pushToDevice(push, options);
    writeFileSync(join(server.home, ".bashrc"), "");
    assertWritten();
    assert.equal(push.opened, 1);
    assert.equal(followed.bytes.at(-1), content.length);
    assert.deepEqual(
      followed.bytes,
      followed.bytes.toSorted((one, other) => one - other),
    );
    assert.ok(followed.bytes.length > 3, followed.bytes.join());
  });

  it("goes on where it was when the link breaks, and is there again", async () => {
    const { followed, options } = follow();
    const onBytes = (bytes: number): void => {
      if (bytes >= 16 * mebibyte && followed.breaks.length === 0 && followed.bytes.length === 0)
        server.cutConnections();
      options.onBytes(bytes);
    };
    // Slow enough that it does not end first.
    const push = pushed();
    await (await open()).pusher(16 * mebibyte).pushToDevice(push, { ...options, onBytes });
    assertWritten();
    assert.equal(followed.breaks.length, 1, JSON.stringify(followed.breaks));
    assert.equal(push.opened, 2);
    assert.equal(followed.bytes[0], 16 * mebibyte);
  });

  it("keeps to a rate", async () => {
    const { options } = follow();
    const startedAt = performance.now();
    await (await open()).pusher(20 * mebibyte).pushToDevice(pushed(), options);
    // Zeros cost nothing.
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(seconds > 27 / 20 - 0.2, `${seconds} s`);
    assertWritten();
  });

  it("tells what the host refuses, before anything is sent", async () => {
    const { options } = follow();
    const push = pushed({}, "7:999");
    const { detail, code, path } = await failureOf<"device-failed">(
      (await open()).pusher().pushToDevice(push, options),
      "device-failed",
    );
    assert.match(detail, /is another device than before/);
    assert.deepEqual([code, path, push.opened], [8, device.path, 0]);
  });

  it("tells a device that is too small", async () => {
    const small = makeLoopDevice(mebibyte);
    try {
      const { options } = follow();
      const push = pushed({
        writer: (marker) => ["sh", join(guard, "guard.sh"), "write", small.path, small.number, marker],
      });
      const failure = await failureOf<"device-failed">(
        (await open()).pusher().pushToDevice(push, options),
        "device-failed",
      );
      assert.match(failure.detail, /No space left on device/);
    } finally {
      small.remove();
    }
  });

  it("does not call a file whole that is shorter than it should be", async () => {
    const { options } = follow();
    const pushing = (await open())
      .pusher()
      .pushToDevice(pushed({ bytes: content.length + mebibyte }), options);
    await assert.rejects(pushing, /The file ends at byte/);
  });

  it("is ended by a stop while it sends", async () => {
    const stop = new AbortController();
    const { options } = follow();
    const push = pushed({ onOpen: () => setImmediate(() => stop.abort()) });
    const pushing = (await open()).pusher(mebibyte).pushToDevice(push, { ...options, signal: stop.signal });
    await failureOf<"interrupted">(pushing, "interrupted");
  });

  it("tells a host that does not let us in, and one that is not there", async () => {
    server.folder.addHost("nobody", server.port, ["User virtfold-nobody"]);
    server.folder.addHost("absent", 1);
    for (const [alias, kind] of [
      ["nobody", "device-failed"],
      ["absent", "connection-lost"],
    ] as const) {
      const { options } = follow();
      const failure = await failureOf<"device-failed" | "connection-lost">(
        (await open(alias)).pusher().pushToDevice(pushed(), options),
        kind,
      );
      assert.match(failure.detail, alias === "nobody" ? /Permission denied/ : /refused/);
    }
  });

  for (const sudo of [false, true]) {
    const canBecomeRoot = !sudo || spawnSync("sudo", ["-n", "sh", "-s"], { input: "true" }).status === 0;
    it(
      `writes on this machine likewise${sudo ? ", as root, by the one rule that there is for scripts" : ""}`,
      { skip: canBecomeRoot ? false : "sudo asks for a password" },
      async () => {
        const transfer = await openTransfer(
          { name: "here", destination: "here", uri: "", connection: "local", sudo },
          {
            environment: { PATH: process.env["PATH"] },
            localRsyncVersion: undefined,
            remoteRsyncVersion: undefined,
          },
        );
        transfers.push(transfer);
        execFileSync("dd", ["if=/dev/urandom", `of=${device.path}`, "bs=1M", "count=3"], { stdio: "ignore" });
        const { options } = follow();
        await transfer.pusher().pushToDevice(pushed(), options);
        assertWritten();
      },
    );
  }
});
