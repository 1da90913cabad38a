import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandResult } from "../../lib/backup/ports.ts";
import { lookAgain } from "../../lib/fleet/look-again.ts";
import { recoverVm } from "../../lib/fleet/recover-vm.ts";
import type { Command } from "../../lib/shell/command.ts";
import { buildDisk, buildDomain, buildDomainXml } from "../support/build-vm-facts.ts";

const base = "/images/base.qcow2";
const overlay = "/images/vda.virtfold-20261123-012500-a1b2c3.qcow2";
const domain = buildDomain({ disks: [buildDisk({ path: overlay })] });
const { uuid, name } = domain;
const layer = { filename: base, format: "qcow2", "virtual-size": 2 ** 30, "actual-size": 4096 };
const backing = {
  "backing-filename": base,
  "full-backing-filename": base,
  "backing-filename-format": "qcow2",
};
const answers: readonly (readonly [question: RegExp, answer: string])[] = [
  [/domstate/, "running (booted)\n"],
  [/dominfo/, "Persistent:     yes\nManaged save:   no\n"],
  [/dumpxml/, buildDomainXml(domain)],
  [/backing-chain/, JSON.stringify([{ ...layer, filename: overlay, ...backing }, layer])],
  [/stat .*\.virtfold-/s, "file 1:8 4096 then then\n"],
  [/stat .*base\.qcow2/s, "file 1:7 4096 then then\n"],
];
const shell = {
  name: "kvm1",
  run: () => assert.fail("It must not be asked for anything else"),
  runScript: () => assert.fail("No guard may be armed"),
  close: () => assert.fail("It is still needed"),
  runAll: async (commands: readonly Command[]): Promise<readonly CommandResult[]> =>
    commands.map((command) => {
      const stdout = answers.find(([question]) => question.test(command.join(" ")))?.[1] ?? "";
      return { code: 0, stdout, stderr: "" };
    }),
};

describe("lookAgain()", () => {
  it("knows from the survey of all VMs that another one depends on the base, so that nothing is folded into it", async () => {
    const host = { name: "kvm1", destination: "kvm1", uri: "qemu:///system" };
    const clone = { uuid: "ffffffff-1111-4222-8333-444455556666", name: "clone" };
    const imageUsers = new Map([["file 1:7", [{ uuid, name }, clone]]]);
    const vm = { uuid, name };
    const session = { host, shell };
    const facts = await lookAgain({
      ...{ session, vm, settings: { overlayDirectory: undefined }, facts: { imageUsers } },
    });
    assert.deepEqual(
      facts.vms[0]?.chains.get("vda")?.map(({ identity }) => identity),
      ["file 1:8", "file 1:7"],
    );
    const isRestored = await recoverVm(shell, { host, facts, vm }, () => assert.fail("Nothing is restored"));
    assert.equal(isRestored, false);
  });
});
