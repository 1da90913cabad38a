// The laboratory itself: what it promises to its users and to the machine it runs on. Needs root; about a minute.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bringDownLab, bringUpLab, openLab } from "./lab.ts";
import type { LabHost } from "./lab-host.ts";
import type { Lab } from "./lab.ts";
import { initOf } from "./host-processes.ts";
import { needLabPackages } from "./lab-packages.ts";
import { hostPlace, labPlace } from "./lab-place.ts";
import { findRemains, isNothing } from "./lab-remains.ts";
import { runChecked } from "./run-checked.ts";
import { attachLoop } from "./block-devices.ts";
import { waitUntil } from "./wait-until.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const first = `test-a-${process.pid}`;
const second = `test-b-${process.pid}`;
const crashed = `test-c-${process.pid}`;
const hidden = `test-d-${process.pid}`;

async function assertNothingLeft(id: string): Promise<void> {
  const remains = await findRemains(labPlace(id));
  assert.ok(isNothing(remains), JSON.stringify(remains));
}

describe("a lab", { skip, timeout: 900_000 }, () => {
  let machineBefore: unknown;
  let lab: Lab;

  before(async () => {
    // Packages stay; what they bring is not what a lab leaves behind.
    await needLabPackages(["machine"]);
    machineBefore = await machineNow();
  });
  after(async () => {
    for (const id of [first, second, crashed, hidden]) await bringDownLab(id);
    assert.deepEqual(await machineNow(), machineBefore);
  });

  it("comes up with a guest that writes and an agent that answers", async () => {
    lab = await bringUpLab({ id: first, hosts: [{ name: "hv1", vms: ["web", "block"] }] });
    const [host] = lab.hosts;
    const sequence = await host!.guestSequence("web");
    assert.match(await host!.guestExec("web", "tail -n 1 /disk/sequence.log"), /^\d+\n$/);
    await host!.waitForGuest("web");
    assert.ok((await host!.guestSequence("web")) > sequence);
  });

  it("is entered with ssh and its own files, by name, and shares its store", async () => {
    await writeFile(join(lab.storeDirectory, "made-outside"), "seen");
    const ssh = (text: string): Promise<string> => runChecked(["ssh", "-F", lab.sshConfig, "hv1", text]);
    assert.equal(await ssh("hostname"), "hv1\n");
    assert.equal(await ssh("ls -A /root"), ".ssh\n");
    assert.equal(await ssh(`cat ${lab.storeDirectory}/made-outside`), "seen");
    assert.deepEqual((await ssh("virsh list --name")).split("\n").filter(Boolean).toSorted(), [
      "block",
      "web",
    ]);
    const keys = await readFile(lab.knownHosts, "utf8");
    for (const kind of ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
      assert.ok(keys.includes(` ${kind} `));
  });

  it("comes up twice without harm: nothing is started again", async () => {
    const place = hostPlace(labPlace(first), "hv1", 0);
    const ids = (): Promise<string> => lab.hosts[0]!.check(["virsh", "list", "--id"]);
    const [init, vms] = [await initOf(place), await ids()];
    await bringUpLab({ id: first, hosts: [{ name: "hv1", vms: ["web", "block"] }] });
    assert.deepEqual([await initOf(place), await ids()], [init, vms]);
  });

  it("stands beside another one", async () => {
    const other = await bringUpLab({
      id: second,
      hosts: [
        { name: "hv1", vms: [] },
        { name: "hv2", vms: [] },
      ],
    });
    const addresses = [...lab.hosts, ...other.hosts].map(({ address }) => address);
    assert.equal(new Set(addresses).size, 3);
    assert.equal(await runChecked(["ssh", "-F", other.sshConfig, "hv2", "hostname"]), "hv2\n");
    await bringDownLab(second);
    await assertNothingLeft(second);
    assert.equal(await runChecked(["ssh", "-F", lab.sshConfig, "hv1", "hostname"]), "hv1\n");
  });

  it("has hosts that lose their network and their power, and come back", async () => {
    const host = (await openLab(first)).hosts[0]!;
    const reachIn = (seconds: number) =>
      runChecked(["ssh", "-F", lab.sshConfig, "-o", `ConnectTimeout=${seconds}`, "hv1", "true"]);
    await host.cutNetwork();
    await assert.rejects(reachIn(2));
    await host.mendNetwork();
    await reachIn(30);
    const written = await host.guestSequence("block");
    const bootId = () => host.check(["cat", "/proc/sys/kernel/random/boot_id"]);
    const before = await bootId();
    await host.kill();
    assert.equal(await host.isUp(), false);
    await host.start();
    assert.notEqual(await bootId(), before);
    assert.equal((await host.check(["virsh", "list", "--name"])).trim(), "");
    await host.check(["virsh", "start", "block"]);
    await host.waitForGuest("block");
    assert.ok((await host.guestSequence("block")) > written);
    assert.doesNotMatch(await host.guestLog("block"), /GAP|IOERROR/);
  });

  it("leaves nothing when it goes, also without its state file and after a host's end", async () => {
    await writeFile(labPlace(first).stateFile, '{"subnet": "10.2');
    await attachLoop(lab.hosts[0]!.path("/var/lib/libvirt/images/web.qcow2"));
    process.kill((await initOf(hostPlace(labPlace(first), "hv1", 0)))!, "SIGKILL");
    await bringDownLab(first);
    await assertNothingLeft(first);
    await bringDownLab(first);
  });

  it("has hosts that only a bastion reaches, and a login with the manual's sudo rules and no more", async () => {
    const behind = await bringUpLab({
      ...{ id: hidden, hosts: [{ name: "hv1", vms: [] }] },
      ...{ hasBastion: true, login: "keeper" },
    });
    const [host] = behind.hosts as [LabHost];
    const bastion = behind.bastion!;
    const ssh = (text: string): Promise<string> => runChecked(["ssh", "-F", behind.sshConfig, "hv1", text]);
    assert.equal(await ssh("hostname; id -un"), "hv1\nkeeper\n");
    await assert.rejects(ssh("virsh --connect qemu:///system list"), /Permission denied/);
    await assert.rejects(ssh("sudo -n id"), /password is required/);
    assert.equal(await ssh("echo id -un | sudo -n sh -s"), "root\n");
    await assert.rejects(runChecked(["ssh", "-F", behind.sshConfig, "bastion", "true"]), /not available/);
    const knock = ["ssh-keyscan", "-T", "2", "-t", "ed25519", host.address] as const;
    assert.equal(await runChecked(knock).catch(() => ""), "");
    assert.match(await bastion.check(knock), /ssh-ed25519/);
    await host.kill();
    await host.start();
    assert.equal(await ssh("hostname"), "hv1\n");
    await bastion.kill();
    await assert.rejects(
      runChecked(["ssh", "-F", behind.sshConfig, "-o", "ConnectTimeout=2", "hv1", "true"]),
    );
    await host.start();
    await bastion.start();
    assert.equal(await ssh("hostname"), "hv1\n");
    await assert.rejects(bringUpLab({ id: hidden, hosts: [], hasBastion: false }), /Take the lab down first/);
    await bringDownLab(hidden);
    await assertNothingLeft(hidden);
  });

  for (const moment of ["a namespace", "a VM's disk"] as const) {
    it(`leaves nothing when "up" was killed as soon as there was ${moment}`, async () => {
      const place = labPlace(crashed);
      const script = fileURLToPath(new URL("../../scripts/lab.ts", import.meta.url));
      const wish = ["--hosts", "2", "--vms", "web,block", "--bastion", "--login", "keeper"];
      const args = ["--import", "tsx", script, "up", "--id", crashed, ...wish];
      const up = spawn("node", args, { stdio: "ignore" });
      await waitUntil(`there is ${moment}`, { limitSeconds: 180, everyMilliseconds: 5 }, async () => {
        if (moment === "a namespace") return (await findRemains(place)).namespaces[0];
        return (await readdir(join(place.hostsDirectory, "hv1/libvirt/images")).catch(() => []))[0];
      });
      up.kill("SIGKILL");
      await once(up, "close");
      await bringDownLab(crashed);
      await assertNothingLeft(crashed);
    });
  }
});

/** What of the machine a lab must never touch. */
async function machineNow(): Promise<unknown> {
  const listing = async (path: string): Promise<unknown> =>
    (await readdir(path).catch(() => [])).toSorted().filter((name) => !/^(loop|pts|shm)/.test(name));
  const [nullDevice, ...folders] = await Promise.all([
    stat("/dev/null").then(({ ino, rdev, mode }) => [ino, rdev, mode]),
    ...["/dev", "/etc/libvirt", "/var/lib/libvirt", "/etc/ssh", join(homedir(), ".ssh")].map(listing),
  ]);
  return [nullDevice, folders];
}
