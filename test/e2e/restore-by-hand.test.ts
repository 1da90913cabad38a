// Every kind of VM brought back from its backup with virsh alone, beside its original, which is off meanwhile.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inParallel } from "../lab/in-parallel.ts";
import { defineFromBackup } from "../lab/restore-by-hand.ts";
import type { FoundBackup } from "../lab/restore-by-hand.ts";
import { vmKindNames, vmKinds } from "../lab/vm-kinds.ts";
import type { VmSpec } from "../lab/vm-spec.ts";
import { bootOnce } from "./support/boot-once.ts";
import { currentBackups } from "./support/current-backups.ts";
import { documentedRestore } from "./support/documented-restore.ts";
import { lendBackups, takeBack } from "./support/lent-store.ts";
import { assertNamesOnlyCopies, changedElements, patchedText } from "./support/patched-text.ts";
import { assertReverts, assertSameTree } from "./support/restored-snapshots.ts";
import {
  assertDefinedAsWritten,
  assertGoesOn,
  assertUsesVariables,
  definitionOf,
} from "./support/restored-vm.ts";
import { makeScratchFolder } from "./support/scratch-folder.ts";
import type { ScratchFolder } from "./support/scratch-folder.ts";
import { openTestHost } from "./support/test-host.ts";
import type { TestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const kinds: readonly VmSpec[] = Object.values(vmKinds);
const names = kinds.map(({ name }) => name);
/** Those whose guest is booted from its backup; what was never running has nothing to go on with. */
const booted = kinds.filter(({ running, uefi }) => running || uefi === true).map(({ name }) => name);

/** Several disks, variables of the firmware, awkward names. */
const usualNames: readonly string[] = [vmKinds.uefi.name];

describe("restoring by hand", { skip }, () => {
  let scratch: ScratchFolder;
  let test: TestHost;
  let backups: ReadonlyMap<string, FoundBackup>;
  const backupOf = (vm: string): FoundBackup => backups.get(vm)!;

  before(async () => {
    scratch = await makeScratchFolder();
    test = await openTestHost("hv1", vmKindNames);
    await bootOnce(test.host, "uefi");
    backups = await currentBackups(test, names);
    await lendBackups(test, [...backups.values()]);
    // A restored VM keeps the original's serial line and ports, so both cannot run.
    await inParallel(4, names, (name) => test.host.run(["virsh", "destroy", name]));
  });

  after(async () => {
    for (const { manifest } of backups?.values() ?? []) await removeVm(manifest.newName);
    if (test !== undefined) await takeBack(test);
    await scratch?.remove();
  });

  async function removeVm(name: string): Promise<void> {
    await test.host.run(["virsh", "destroy", name]);
    await test.host.run(["virsh", "undefine", name, "--snapshots-metadata", "--nvram"]);
  }

  describe("definitions", () => {
    for (const name of names) {
      it(`of ${name}: the original's text with name, UUID and paths replaced, and not one byte else`, async () => {
        const backup = backupOf(name);
        const { folder, manifest } = backup;
        const original = await definitionOf(test.host, name);
        assert.equal(await readFile(join(folder, "original.xml"), "utf8"), original);
        const patched = await readFile(join(folder, manifest.files.patchedXml.fileName), "utf8");
        assert.equal(patched, patchedText(original, backup));
        assertNamesOnlyCopies(patched, backup);
        const changed = await changedElements(
          join(folder, "original.xml"),
          join(folder, manifest.files.patchedXml.fileName),
        );
        const allowed = ["name", "uuid", "source", "disk", "kernel", "initrd", "nvram"];
        assert.deepEqual(
          changed.filter((element) => !allowed.includes(element)),
          [],
        );
      });
    }

    it("of snapshots: likewise, in the domain and in the inactive domain", async () => {
      const backup = backupOf("snaptree");
      assert.equal(backup.manifest.snapshots.order.length, vmKinds.snaptree.snapshots.steps.length);
      for (const { name, fileName } of backup.manifest.snapshots.order) {
        const dump = ["virsh", "snapshot-dumpxml", "--security-info", "snaptree", name] as const;
        const patched = await readFile(join(backup.folder, fileName), "utf8");
        assert.equal(patched, patchedText(await test.host.check(dump), backup));
        assertNamesOnlyCopies(patched, backup);
      }
    });

    it("keep comments, CDATA, entities and QEMU's own namespace", async () => {
      const { folder, manifest } = backupOf(vmKinds.awkward.name);
      const patched = await readFile(join(folder, manifest.files.patchedXml.fileName), "utf8");
      for (const text of [
        "<!-- a comment: kept, with its  double  spaces -->",
        `<other:text><![CDATA[<b>5 > 3 && "quotes"</b>]]></other:text>`,
        "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'",
        "<qemu:commandline>",
        "<other:entities>&lt;&amp;&gt;",
      ])
        assert.ok(patched.includes(text), `${text} is not in\n${patched}`);
    });
  });

  describe("VMs", { concurrency: 3 }, () => {
    for (const name of names.filter((other) => other !== "snaptree")) {
      const goesOn = booted.includes(name);
      const register = usualNames.includes(name) ? it : thorough;
      register(
        `${name} is defined from its backup${goesOn ? ", boots, and goes on writing" : ""}`,
        async () => {
          const backup = backupOf(name);
          const { newName } = backup.manifest;
          await defineFromBackup(test.host, backup);
          await assertDefinedAsWritten(test.host, backup);
          const start = (): Promise<string> => test.host.check(["virsh", "start", newName]);
          if (goesOn) await assertGoesOn(test.host, backup, { start, scratch: scratch.directory });
          if (name === "uefi") await assertUsesVariables(test.host, backup);
          await removeVm(newName);
        },
      );
    }

    it("snaptree is back after the very commands of docs/restore-by-hand.md, with all its snapshots", async () => {
      const backup = backupOf("snaptree");
      const commands = await documentedRestore(backup);
      for (const part of ["sha256sum -c", "virsh define", "--redefine --current", "virsh start"])
        assert.ok(commands.includes(part), commands);
      const start = (): Promise<string> => test.host.check(["sh", "-c", commands]);
      await assertGoesOn(test.host, backup, { start, scratch: scratch.directory });
      await assertDefinedAsWritten(test.host, backup);
      await assertSameTree(test.host, backup);
    });
  });

  for (const { name: snapshot } of vmKinds.snaptree.snapshots.steps) {
    it(`snaptree goes back to "${snapshot}": disk, and memory where it had one`, async () => {
      await assertReverts(test.host, backupOf("snaptree"), { snapshot, scratch: scratch.directory });
    });
  }
});
