import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { vmKindNames, vmKinds, vmKind } from "./vm-kinds.ts";
import type { DiskSpec, VmSpec } from "./vm-spec.ts";

const specs = vmKindNames.map(vmKind);
const disks = specs.flatMap((spec) => spec.disks);

describe("vmKinds", () => {
  const features: readonly [name: string, found: boolean][] = [
    [
      "a VM that runs and one that is shut off",
      specs.some((vm) => vm.running) && specs.some((vm) => !vm.running),
    ],
    [
      "one disk and several",
      specs.some((vm) => vm.disks.length === 1) && specs.some((vm) => dataDisks(vm).length > 2),
    ],
    [
      "qcow2 and raw",
      disks.some((disk) => disk.format === "qcow2") && disks.some((disk) => disk.format === "raw"),
    ],
    [
      "both in one VM that runs",
      specs.some((vm) => vm.running && new Set(dataDisks(vm).map((d) => d.format)).size === 2),
    ],
    [
      "a large raw disk with little in it",
      disks.some((disk) => disk.format === "raw" && disk.sizeMib > 1024),
    ],
    ["a chain of three files", disks.some((disk) => disk.backing?.length === 2)],
    [
      "a base that two VMs share",
      specs.filter((vm) => usesBase(vm, "/var/lib/libvirt/images/template.raw")).length === 2,
    ],
    ["a block device", disks.some((disk) => disk.blockDevice !== undefined)],
    ["UEFI", specs.some((vm) => vm.uefi === true)],
    ["a CD-ROM with a medium, and a floppy", new Set(disks.map((disk) => disk.device)).size === 3],
    [
      "a disk that is read-only and one that is shared",
      disks.some((d) => d.readonly) && disks.some((d) => d.shareable),
    ],
    ["no more guests running than two processors can bear", specs.filter((vm) => vm.running).length <= 6],
  ];
  for (const [name, found] of features) it(`have ${name}`, () => assert.ok(found));

  it("have snapshots whose names sort before their parents' and hold spaces, at another than the last", () => {
    const { steps, current } = vmKinds.snaptree.snapshots;
    assert.ok(steps.some((step) => "parent" in step && step.name < step.parent && step.name.includes(" ")));
    assert.ok(steps.some((step) => step.running) && steps.some((step) => !step.running));
    assert.notEqual(current, steps.at(-1)?.name);
  });

  for (const piece of [" ", '"', "'", "&", "<", "Ü"]) {
    it(`have ${JSON.stringify(piece)} in a name`, () => assert.ok(vmKinds.awkward.name.includes(piece)));
  }
  for (const piece of [" ", '"', "'", "&", "<", "ö", ","]) {
    it(`have ${JSON.stringify(piece)} in a path`, () =>
      assert.ok(vmKinds.awkward.disks[0].path.includes(piece)));
  }
});

function dataDisks(vm: VmSpec): readonly DiskSpec[] {
  return vm.disks.filter((disk) => (disk.device ?? "disk") === "disk");
}

function usesBase(vm: VmSpec, path: string): boolean {
  return vm.disks.some((disk) => disk.backing?.at(-1)?.path === path);
}
