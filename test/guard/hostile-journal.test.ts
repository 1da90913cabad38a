// A journal is data. Whatever stands in it, nothing of it is ever run.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { guardCase } from "./guard-case.ts";

guardCase("nothing in a journal is executed", { settings: { VIRTFOLD_BUSY_SECONDS: "0" } }, async (vm) => {
  await vm.arm();
  const marker = join(vm.hypervisor.directory, "executed");
  const command = `touch ${marker}`;
  const hostile = [
    `$(${command})`,
    `\`${command}\``,
    `'; ${command}; '`,
    `"; ${command}; "`,
    `x'"; ${command} #`,
  ];
  const lines = hostile.flatMap((text) => [
    ["fold-overlay", vm.uuid, "vda", `/images/${text}.virtfold-1.qcow2`, `/images/${text}`],
    ["fold-overlay", vm.uuid, text, "/images/vda.virtfold-1.qcow2", "--help"],
    ["fold-overlay", text, "vda", "/images/vda.virtfold-1.qcow2", "/base"],
    ["fold-overlay", vm.uuid, "vda", `-${text}`, `-${text}`],
    ["thaw-guest", text],
    ["settled", text],
    ["committed", text, text],
    [text],
    [text, text, "", "", "*", "~", "$IFS"],
  ]);
  writeFileSync(join(vm.folder, "journal"), lines.map((fields) => `${fields.join("\t")}\n`).join(""));
  const { code, stdout } = await vm.guard("restore");
  assert.equal(code, 4);
  assert.match(stdout, /this guard does not know how to undo it/);
  assert.ok(!existsSync(marker));
  assert.ok(vm.definition().includes("vda base.qcow2"));
});

guardCase("an overlay's path that names the base itself harms nothing", {}, async (vm) => {
  await vm.arm();
  const [{ path }] = vm.disks;
  writeFileSync(join(vm.folder, "journal"), `fold-overlay\t${vm.uuid}\tvda\t${path}\t${path}\n`);
  assert.equal((await vm.guard("restore")).code, 4);
  assert.ok(existsSync(path));
});
