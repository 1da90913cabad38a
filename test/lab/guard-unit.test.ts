// Under a real systemd: the guard's watcher outlives the session that armed it, also where what is left of a session is
// ended with it (KillUserProcesses of logind). A session is a scope, here as there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { makeGuardedVm, traces, type GuardedVm } from "../guard/guarded-vm.ts";
import { eventually, receiptOf, watchersOf } from "../guard/watcher.ts";
import { startSystemd, type RealSystemd } from "./real-systemd.ts";

describe("a guard where systemd runs", { timeout: 120_000 }, () => {
  let systemd: RealSystemd;

  before(async () => {
    systemd = await startSystemd();
  });
  after(() => systemd?.remove());

  const withVm = async (
    settings: Readonly<Record<string, string>>,
    body: (vm: GuardedVm) => Promise<void>,
  ) => {
    const inSession = [...systemd.enter, "systemd-run", "--quiet", "--scope", "--slice=sessions"] as const;
    const shell = { name: "dash", command: [...inSession, "dash"], applets: [] } as const;
    const vm = makeGuardedVm(shell, { leaseSeconds: 5, settings });
    try {
      // A unit has not the environment of who starts it.
      const fake = Object.entries(vm.hypervisor.environment).filter(([name]) => name !== "PATH");
      await systemd.systemctl("set-environment", ...fake.map(([name, value]) => `${name}=${value}`));
      await body(vm);
    } finally {
      vm.hypervisor.remove();
    }
  };
  const endSessions = () => systemd.systemctl("stop", "sessions.slice");

  it("is watched by a unit of its own, which restores the host after the session, and is gone then", async () => {
    await withVm({}, async (vm) => {
      await vm.open();
      const [watcher, ...others] = watchersOf(vm);
      assert.deepEqual(others, []);
      const group = readFileSync(`/proc/${watcher}/cgroup`, "utf8");
      assert.match(group, new RegExp(`/system.slice/virtfold-guard-${vm.uuid}-.*\\.service$`, "m"));
      await endSessions();
      assert.deepEqual(watchersOf(vm), [watcher]);
      assert.equal((await receiptOf(vm))[2], "lease");
      assert.equal(traces(vm), undefined);
      await eventually(vm, "no watcher is left", () => watchersOf(vm).length === 0);
      assert.doesNotMatch(await systemd.systemctl("list-units", "--all", "--plain"), /virtfold-guard/);
    });
  });

  it("would end with the session, as everything else that a session leaves", async () => {
    await withVm({ VIRTFOLD_SYSTEMD_FOLDER: "/nonexistent" }, async (vm) => {
      await vm.open();
      const [watcher] = watchersOf(vm);
      assert.match(readFileSync(`/proc/${watcher}/cgroup`, "utf8"), /sessions\.slice\/run-.*\.scope$/m);
      await endSessions();
      await eventually(vm, "the watcher has ended", () => watchersOf(vm).length === 0);
      assert.equal((await vm.guard("restore")).code, 0);
      assert.equal(traces(vm), undefined);
    });
  });
});
