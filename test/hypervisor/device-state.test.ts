import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { deviceStateCommand, readDeviceState } from "../../lib/hypervisor/device-state.ts";
import type { DeviceState, DeviceUse } from "../../lib/model/device.ts";
import { makeLoopDevice, skipWithoutLoops, type LoopDevice } from "../support/loop-device.ts";

const answer = (stdout: string, code = 0) => readDeviceState({ code, stdout, stderr: "first\nwhy\n" });

describe("readDeviceState()", () => {
  it("reads what there is", () => {
    assert.deepEqual(answer("missing\n"), { kind: "missing" });
    assert.deepEqual(answer("other\n"), { kind: "other" });
    assert.deepEqual(answer("device 253:3 1048576 1\nkin 253:3 253:4 \nmounted /a\\040b\nclaimed\nend\n"), {
      ...{ kind: "device", number: "253:3", bytes: 1048576, kin: ["253:3", "253:4"], isReadOnly: true },
      uses: [
        { kind: "mounted", name: "/a\\040b" },
        { kind: "claimed", name: "" },
      ],
    });
  });

  it("takes nothing for free that it cannot understand", () => {
    const whole = "device 7:0 512 0\nkin 7:0 \nend\n";
    assert.equal(answer(whole).kind, "device");
    for (const text of ["", whole.slice(0, -4), whole.replace("512", "x"), whole.replace("kin 7:0 \n", "")])
      assert.deepEqual(answer(text), { kind: "unknown", detail: "why" });
    assert.equal(answer(whole, 1).kind, "unknown");
    const odd = answer(whole.replace("end", "something new\nend"));
    assert.deepEqual(odd.kind === "device" && odd.uses, [{ kind: "claimed", name: "something new" }]);
  });
});

describe("deviceStateCommand()", { skip: skipWithoutLoops }, () => {
  const shells = ["dash", "bash", "busybox"].filter(
    (name) => spawnSync(name, ["-c", ":"]).error === undefined,
  );
  const look = (path: string, shell = "sh"): DeviceState => {
    const [, ...args] = deviceStateCommand(path);
    const argv = shell === "busybox" ? ["sh", ...args] : args;
    const { status, stdout, stderr } = spawnSync(shell, argv, { encoding: "utf8" });
    return readDeviceState({ code: status ?? 1, stdout, stderr });
  };
  const usesOf = (path: string): readonly DeviceUse[] => {
    const state = look(path);
    assert.equal(state.kind, "device", JSON.stringify(state));
    return state.kind === "device" ? state.uses : [];
  };
  const withDevice = async (
    work: (device: LoopDevice, folder: string) => Promise<void> | void,
  ): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), "vf-device-"));
    const device = makeLoopDevice(4 * 1024 * 1024);
    try {
      await work(device, folder);
    } finally {
      device.remove();
      rmSync(folder, { recursive: true });
    }
  };

  for (const shell of shells)
    it(`tells a free device by whatever name, and what is none (${shell})`, () =>
      withDevice(({ path, number }, folder) => {
        const link = join(folder, "a link's `name`");
        symlinkSync(path, link);
        assert.deepEqual(look(link, shell), {
          ...{ kind: "device", number, kin: [number], bytes: 4 * 1024 * 1024, isReadOnly: false, uses: [] },
        });
        writeFileSync(join(folder, "file"), "");
        symlinkSync("nowhere", join(folder, "dangling"));
        for (const name of ["file", "/dev/null", "."])
          assert.deepEqual(look(join(name.startsWith("/") ? "" : folder, name), shell), { kind: "other" });
        for (const name of ["missing", "dangling", "-e"])
          assert.deepEqual(look(join(folder, name), shell), { kind: "missing" });
      }));

  it("tells where it is mounted", () =>
    withDevice(({ path }, folder) => {
      const place = join(folder, "place");
      execFileSync("mkdir", [place]);
      execFileSync("mkfs.ext4", ["-q", path]);
      execFileSync("mount", [path, place]);
      try {
        assert.deepEqual(usesOf(path), [
          { kind: "mounted", name: place },
          { kind: "claimed", name: "" },
        ]);
      } finally {
        execFileSync("umount", [place]);
      }
    }));

  it("tells a loop device on top of it", () =>
    withDevice(({ path }) => {
      const above = execFileSync("losetup", ["--find", "--show", path], { encoding: "utf8" }).trim();
      try {
        assert.ok(usesOf(path).some(({ kind, name }) => kind === "loop" && `/dev/${name}` === above));
      } finally {
        execFileSync("losetup", ["--detach", above]);
      }
    }));

  it("tells one that is read-only", () => {
    const device = makeLoopDevice(1024 * 1024, ["--read-only"]);
    try {
      const state = look(device.path);
      assert.ok(state.kind === "device" && state.isReadOnly);
    } finally {
      device.remove();
    }
  });

  it("tells a process that may write to it, and not one that only reads", () =>
    withDevice(async ({ path }) => {
      for (const [mode, isTold] of [
        ["<", false],
        ["<>", true],
      ] as const) {
        const child = spawn("sh", ["-c", `exec 3${mode}"$1"; echo ready; read -r _`, "sh", path]);
        try {
          await new Promise((resolve) => child.stdout.once("data", resolve));
          const expected = { kind: "process", name: `sh ${child.pid}` };
          assert.deepEqual(usesOf(path), isTold ? [expected] : []);
        } finally {
          child.stdin.end();
          await new Promise((resolve) => child.once("close", resolve));
        }
      }
    }));
});
