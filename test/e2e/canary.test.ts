// `virtfold doctor --canary`: really takes a snapshot of a scratch VM and commits it; nothing of it stays, whoever dies.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Lab } from "../lab/lab.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { canaryFinding, type Told } from "./support/canary-finding.ts";
import { waitUntilRestored } from "./support/dead-run.ts";
import { assertHostAsBefore, rememberHost, type HostMemory } from "./support/host-memory.ts";
import { openTestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunOptions } from "./support/virtfold-process.ts";

describe("virtfold doctor --canary", { timeout: 600_000 }, () => {
  let lab: Lab;
  let host: LabHost;
  let memory: HostMemory;

  before(async () => {
    ({ lab, host } = await openTestHost("hv1", ["web"]));
    memory = await rememberHost(host, ["web"]);
  });
  afterEach(async () => {
    await waitUntilRestored(host);
    await assertHostAsBefore(host, memory);
    assert.doesNotMatch(await host.check(["virsh", "list", "--all", "--name"]), /canary/);
  });
  after(async () => {
    // Each test took its own away.
    assert.equal(await host?.check(["sh", "-c", "ls /usr/local/bin/virsh 2>/dev/null; true"]), "");
  });

  const options: RunOptions = { command: "doctor", environment: { VIRTFOLD_LEASE: "6" } };
  const flags = (): readonly string[] => ["hv1/web", "--canary", "--json", "--ssh-config", lab.sshConfig];
  const examine = async (code: number): Promise<Told> =>
    canaryFinding(await runBackup(flags(), options), code);

  /** Lets libvirt refuse what has this in it, as AppArmor may; everything else goes on. */
  const refusing = async (pattern: string, work: () => Promise<void>): Promise<void> => {
    const lines = ["#!/bin/sh", `case "$*" in *${pattern}*) echo "error: denied" >&2; exit 1 ;; esac`];
    const text = [...lines, 'exec /usr/bin/virsh "$@"', ""].join("\n");
    const place = `printf %s "$1" >/usr/local/bin/virsh; chmod 755 /usr/local/bin/virsh`;
    await host.check(["sh", "-c", place, "sh", text]);
    try {
      await work();
    } finally {
      await host.check(["rm", "/usr/local/bin/virsh"]);
    }
  };

  it("starts, snapshots and commits a scratch VM, and removes it", async () => {
    const { severity, text } = await examine(0);
    assert.equal(severity, "ok");
    assert.match(text, /^A scratch VM was started, snapshotted, folded back and removed in \d/);
  });

  for (const [pattern, text] of [
    [
      "snapshot-create-as",
      /^No snapshot could be taken of a scratch VM: error: denied\. Nothing of it is left$/,
    ],
    ["blockcommit", /^The overlay of a scratch VM could not be folded back: error: denied\. Nothing/],
  ] as const)
    (pattern === "blockcommit" ? it : thorough)(
      `finds a host that refuses ${pattern}, and leaves nothing on it`,
      () =>
        refusing(pattern, async () => {
          const told = await examine(3);
          assert.equal(told.severity, "problem");
          assert.match(told.text, text);
          assert.equal(told.commands.length, 1);
        }),
    );

  const image = "ls /var/lib/libvirt/images/canary.virtfold-*";
  for (const [moment, sight] of [
    ["it runs", "virsh list --name | grep canary"],
    ["it is on its overlay", "ls /var/lib/libvirt/images/canary-overlay.virtfold-*"],
  ] as const) {
    const register = moment.includes("overlay") ? it : thorough;
    register(`leaves nothing when it is killed once ${moment}`, async () => {
      const run = startBackup(flags(), options);
      await waitUntil(moment, { limitSeconds: 60, everyMilliseconds: 50 }, async () =>
        (await host.run(["sh", "-c", sight])).code === 0 ? true : undefined,
      );
      run.signal("SIGKILL");
      assert.equal((await run.end).code, null);
      await host.check(["sh", "-c", image]);
    });
  }
});
