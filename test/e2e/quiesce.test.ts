// Freezing the guest's file systems: with an agent that answers, without one, with one that is dead, and with a freeze
// that fails or hangs. The host's own deadlines end what hangs, and no guest stays frozen.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { newestBackup } from "../lab/restore-by-hand.ts";
import type { LabHost } from "../lab/lab-host.ts";
import type { Manifest } from "../../lib/store/manifest.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { assertHostAsBefore, rememberHost, type HostMemory } from "./support/host-memory.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { openTestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import {
  onlySentence,
  runBackup,
  startBackup,
  type RunEnd,
  type RunningBackup,
} from "./support/virtfold-process.ts";

const mute = subjectVm("mute", { agent: false });
const frail = subjectVm("frail");
const hanging = subjectVm("hanging");

describe("freezing a guest", { timeout: 900_000 }, () => {
  let given: BackupCase;
  let host: LabHost;
  /** A host of its own, because a freeze that hangs takes its time. */
  let other: { readonly host: LabHost; readonly memory: HostMemory; readonly run: RunningBackup };

  before(async () => {
    given = await openBackupCase("hv2", []);
    host = given.host;
    const { host: second } = await openTestHost("hv-slow", []);
    await Promise.all([makeSubject(second, hanging), makeSubject(host, mute), makeSubject(host, frail)]);
    await second.guestExec("hanging", "echo 100 >/run/hang-freeze");
    const memory = await rememberHost(second, ["hanging"]);
    // One backup at a time runs into a store.
    const otherStore = await given.scratch.newStore();
    const run = startBackup(given.argumentsFor("hanging").with(0, "hv-slow/hanging").with(2, otherStore));
    other = { host: second, memory, run };
  });
  after(async () => {
    await other?.run.end;
    if (other !== undefined) await removeSubject(other.host, hanging);
    for (const vm of [mute, frail]) await removeSubject(host, vm);
    await given?.scratch.remove();
  });

  interface Quiesced {
    readonly end: RunEnd;
    readonly manifest: Manifest | undefined;
  }

  /** Backs a VM up with a mode, whatever comes of it, and asserts that the VM is as before: writing, not frozen. */
  async function backUp(vm: string, mode: string): Promise<Quiesced> {
    const memory = await rememberHost(host, [vm]);
    const end = await runBackup([...given.argumentsFor(vm), "--quiesce", mode]);
    await assertHostAsBefore(host, memory);
    const backup = await newestBackup(given.store, { host: "hv2", vm });
    return { end, manifest: backup?.manifest };
  }

  function assertCrashConsistent({ end, manifest }: Quiesced, why: RegExp): void {
    assert.equal(end.code, 0, end.stderr);
    assert.equal(manifest?.consistency, "crash");
    assert.match(manifest.whyNotFilesystem ?? "", why);
    assert.ok(
      end.stderr.includes(`Snapshot taken, crash-consistent (${manifest.whyNotFilesystem})`),
      end.stderr,
    );
  }

  thorough("works with an agent that answers, and is left out when it is not wanted", async () => {
    const { end, manifest } = await backUp("frail", "require");
    assert.equal(end.code, 0, end.stderr);
    assert.equal(manifest?.consistency, "filesystem");
    assertCrashConsistent(await backUp("frail", "never"), /--quiesce never/);
  });

  thorough("is left out where there is no agent, and where it is required the VM is refused", async () => {
    assertCrashConsistent(await backUp("mute", "auto"), /no guest agent/);
    const { end } = await backUp("mute", "require");
    assert.equal(end.code, 3);
    assert.match(
      onlySentence(end),
      /^Cannot back up "mute" on host "hv2": --quiesce require needs its guest agent, which is not connected\. Start qemu-guest-agent in the guest, or use --quiesce auto$/,
    );
    assert.doesNotMatch(end.stderr, /Step /);
  });

  it("that fails makes a crash-consistent backup, and where it is required none", async () => {
    await host.guestExec(
      "frail",
      "printf '#!/bin/sh\\n[ \"$1\" = thaw ]\\n' >/disk/freeze-hook; chmod +x /disk/freeze-hook",
    );
    assertCrashConsistent(await backUp("frail", "auto"), /error: /);
    const { end } = await backUp("frail", "require");
    assert.equal(end.code, 3);
    assert.match(
      onlySentence(end),
      /Cannot freeze the file systems of "frail": .*\. Check the guest agent, or allow a crash-consistent backup with --quiesce auto$/,
    );
    await host.guestExec("frail", "rm /disk/freeze-hook");
  });

  it("is left out when the agent is dead, after a few seconds", async () => {
    // The agent cannot be asked to wake up; a disk that is plugged in does.
    const asleep =
      "(sleep 1; kill -STOP $(pidof qemu-ga); until [ -e /sys/block/vdb ]; do sleep 1; done; kill -CONT $(pidof qemu-ga)) >/dev/null 2>&1 &";
    await host.guestExec("frail", asleep);
    await host.waitForGuest("frail", { agent: false });
    await host.waitForGuest("frail", { agent: false });
    const since = performance.now();
    const end = await runBackup([...given.argumentsFor("frail"), "--quiesce", "auto"]);
    assert.ok(performance.now() - since < 60_000);
    await wakeAgent();
    const backup = await newestBackup(given.store, { host: "hv2", vm: "frail" });
    assertCrashConsistent({ end, manifest: backup?.manifest }, /the guest agent does not answer/);
  });

  async function wakeAgent(): Promise<void> {
    const path = "/srv/frail/alarm.qcow2";
    await host.check(["qemu-img", "create", "-q", "-f", "qcow2", path, "1M"]);
    await host.check(["virsh", "attach-disk", "frail", path, "vdb", "--subdriver", "qcow2", "--live"]);
    await host.waitForGuest("frail");
    await host.check(["virsh", "detach-disk", "frail", "vdb", "--live"]);
  }

  it("that hangs is ended by the host, and the guest writes on as soon as its hook lets it", async () => {
    const end = await other.run.end;
    assert.equal(end.code, 3, end.stderr);
    assert.match(
      onlySentence(end),
      /Cannot freeze the file systems of "hanging": the freeze did not end within 90 s\. Check the guest agent, or allow a crash-consistent backup with --quiesce never$/,
    );
    await other.host.guestExec("hanging", "rm /run/hang-freeze");
    await assertHostAsBefore(other.host, other.memory);
  });
});
