// `restore --as-original` on a real hypervisor: a VM comes back as what it was, in an empty place or in that of a VM that
// is kept aside; whatever fails or dies, all of it has happened or nothing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { RestoreStepName } from "../../lib/model/restore.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { untilNobodyIsLoggedIn } from "./support/leftovers-here.ts";
import { describeVm, putBack } from "./support/replaced-vm.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const tree = subjectVm("as-it-was", { running: false });
const firm = subjectVm("as-it-booted", {
  ...{ running: false, uefi: true },
  disks: [
    {
      ...{ target: "vda", path: "/srv/as-it-booted/top.qcow2", format: "qcow2", sizeMib: 64, payloadMib: 2 },
      backing: [
        { path: "/srv/as-it-booted/middle.qcow2", format: "qcow2" },
        { path: "/srv/as-it-booted/base.raw", format: "raw" },
      ],
    },
  ],
});

describe("restore --as-original", { skip, timeout: 900_000 }, () => {
  let test: TestHost;
  let host: LabHost;
  let scratch: ScratchFolder;
  let store: string;
  let old: string;
  const place = (): readonly string[] => ["--store", store, "--ssh-config", test.lab.sshConfig];
  const argumentsFor = (vm: string, ...more: readonly string[]): readonly string[] => [
    ...[`hv1/${vm}`, ...place(), "--as-original", "--verbose", "--lease", "6", ...more],
  ];
  const restore = (vm: string, ...more: readonly string[]): Promise<RunEnd> =>
    runBackup(argumentsFor(vm, ...more), { command: "restore" });
  const now = (vm = tree.name): Promise<string> => describeVm(host, vm);

  before(async () => {
    test = await openTestHost("hv1", []);
    ({ host } = test);
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
    for (const vm of [tree, firm]) await makeSubject(host, vm);
    const variables = "/var/lib/libvirt/qemu/nvram/as-it-booted_VARS.fd";
    await host.check(["cp", "/usr/share/OVMF/OVMF_VARS_4M.fd", variables]);
    for (const name of ["zeta base", "alpha"])
      await host.check(["virsh", "snapshot-create-as", tree.name, `--name=${name}`]);
    await host.check(["virsh", "snapshot-create-as", tree.name, "--name=beside"]);
    await host.check(["virsh", "snapshot-current", tree.name, "alpha"]);
    await host.check(["virsh", "autostart", tree.name]);
    await host.check(["sh", "-c", `chown daemon:games "$1" && chmod 640 "$1"`, "sh", tree.disks[0]!.path]);
    for (const vm of [tree, firm]) {
      const { code, stderr } = await runBackup([`hv1/${vm.name}`, ...place()]);
      assert.equal(code, 0, stderr);
    }
    // What makes room is another one than what comes back.
    await host.check(["virsh", "desc", tree.name, "--config", "the old one"]);
    await host.check(["virsh", "snapshot-create-as", tree.name, "--name=later"]);
    old = await now();
  });
  after(async () => {
    for (const vm of [tree, firm]) if (host !== undefined) await removeSubject(host, vm);
    await scratch?.remove();
    if (host !== undefined) await untilNobodyIsLoggedIn(host, 120);
  });

  /** All of the restored VM, and all of the one that it replaced. */
  async function assertReplaced(): Promise<void> {
    const text = await now();
    assert.doesNotMatch(text, /the old one|later$|journal|\.restoring/m);
    assert.match(text, /^Autostart: +enable$/m);
    assert.match(text, /^alpha$/m);
    assert.match(text, /^\.\/as-it-was\.qcow2 \d+ \d+ daemon games 640$/m);
    assert.match(text, /^\.\/as-it-was\.qcow2\.virtfold-\S+\.replaced \d+/m);
    const inode = (of: string): string | undefined => /as-it-was\.qcow2\S* (\d+) /.exec(of)?.[1];
    assert.notEqual(inode(text), inode(old));
    assert.ok(text.includes(`.replaced ${inode(old) ?? ""} `), text);
    await putBack(host, tree.name);
    assert.equal(await now(), old);
  }

  it("refuses where the VM is, and what makes no sense", async () => {
    for (const [flags, sentence] of [
      [[], /host "hv1" has VM "as-it-was" \(\S+\), shut off \(--force keeps what is in the way aside/],
      [["--as", "x"], /--as-original and --as exclude each other/],
    ] as const) {
      const { code, stderr } = await restore(tree.name, ...flags);
      assert.match(stderr, sentence);
      assert.equal(code, flags.length === 0 ? 3 : 2);
    }
    assert.equal(await now(), old);
  });

  it("takes the place of a VM that is shut off, keeps that aside, and says where it is and how it goes", async () => {
    const { code, stdout, stderr } = await restore(tree.name, "--force");
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^What was there is kept on host "hv1": the definitions in "\S+\.replaced", "\/srv\/as-it-was\/as-it-was\.qcow2" as/m,
    );
    const kept = /^Once nobody needs it .*: rm -r -- (.*)$/m.exec(stdout)?.[1]?.split(" ") ?? [];
    assert.equal(kept.length, 2);
    for (const path of kept) await host.check(["test", "-e", path]);
    await assertReplaced();
  });

  it("comes back after it was lost, with its variables and on its bases, which are still there", async () => {
    const before = await now(firm.name);
    await host.check(["virsh", "undefine", firm.name, "--nvram"]);
    await host.check(["rm", "/srv/as-it-booted/top.qcow2"]);
    const { code, stderr } = await restore(firm.name);
    assert.equal(code, 0, stderr);
    // libvirt puts the controllers of a definition into another order.
    const linesOf = (text: string): readonly string[] =>
      text
        .replaceAll(/^(\S+ )\d+/gm, "$1")
        .split("\n")
        .toSorted();
    const again = await now(firm.name);
    assert.deepEqual(linesOf(again), linesOf(before));
    // They stood there as they were, also the one whose copy in the store names its base by another name.
    for (const base of [/base\.raw (\d+)/, /middle\.qcow2 (\d+)/])
      assert.equal(base.exec(again)?.[1], base.exec(before)?.[1]);
    const info = await host.check(["qemu-img", "info", "--backing-chain", "/srv/as-it-booted/top.qcow2"]);
    assert.deepEqual(info.match(/(?<=^backing file: )\S+/gm), [
      "/srv/as-it-booted/middle.qcow2",
      "/srv/as-it-booted/base.raw",
    ]);
    await host.check(["virsh", "start", "--paused", firm.name]);
    await host.check(["virsh", "destroy", firm.name]);
  });

  // The first steps are those of any restore.
  const steps = [
    "push-images",
    "define-vm",
    "keep-vm",
    "release-host",
  ] as const satisfies readonly RestoreStepName[];
  const moments = [...steps.map((step) => `Step ${step}`), 'Kept VM "as-it-was" aside', "Defined"];
  for (const moment of moments) {
    const register = moment.startsWith("Kept") ? it : thorough;
    register(`leaves all or nothing when it is killed at ${JSON.stringify(moment)}`, async () => {
      const run = startBackup(argumentsFor(tree.name, "--force"), { command: "restore" });
      await run.logged(new RegExp(moment, "m"));
      run.signal("SIGKILL");
      await run.end;
      await waitUntil("the host has ended it", { limitSeconds: 90, explain: now }, async () =>
        /journal|\.restoring/.test(await now()) ? undefined : true,
      );
      if ((await now()) === old) return;
      assert.match(moment, /keep-vm|release-host|Defined/);
      await assertReplaced();
    });
  }

  thorough("is undone when the VM that was to make room changes meanwhile", async () => {
    const run = startBackup(argumentsFor(tree.name, "--force"), { command: "restore" });
    await run.logged(/Step verify-images/);
    await host.check(["virsh", "desc", tree.name, "--config", "changed meanwhile"]);
    const { code, stderr } = await run.end;
    assert.equal(code, 3);
    assert.match(
      stderr,
      /Cannot put anything in the place of "as-it-was": its definition is another one by now/,
    );
    await host.check(["virsh", "desc", tree.name, "--config", "the old one"]);
    assert.equal(await now(), old);
  });
});
