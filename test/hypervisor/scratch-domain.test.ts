import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AnswerError } from "../../lib/hypervisor/answer-error.ts";
import { parseDomain } from "../../lib/hypervisor/domain-xml.ts";
import { parseMachine, scratchDomain } from "../../lib/hypervisor/scratch-domain.ts";

const answer =
  "<domainCapabilities>\n  <path>/usr/bin/qemu</path>\n  <domain>kvm</domain>\n  <machine>pc</machine>\n  <arch>x86_64</arch>\n</domainCapabilities>";

describe("parseMachine()", () => {
  it("reads what libvirt would choose, and nothing that is not a plain word", () => {
    assert.deepEqual(parseMachine(answer), { virtType: "kvm", arch: "x86_64" });
    for (const text of ["", answer.replace("kvm", "k'vm"), answer.replace("x86_64", "<b/>")])
      assert.throws(() => parseMachine(text), AnswerError);
  });
});

describe("scratchDomain()", () => {
  it("is a VM with that disk alone, whatever the folder is called", () => {
    const imagePath = `/images/it's <&> "ü"/canary.qcow2`;
    const uuid = "ca0a2e00-7669-4274-8666-6f6c64000001";
    const machine = { virtType: "qemu", arch: "x86_64" };
    const xml = scratchDomain({ name: "canary.virtfold-x", uuid, machine, imagePath });
    const { name, uuid: read, disks } = parseDomain(xml);
    assert.deepEqual([name, read], ["canary.virtfold-x", uuid]);
    assert.deepEqual(
      disks.map(({ target, path, kind }) => [target, path, kind]),
      [["vda", imagePath, "included"]],
    );
    assert.doesNotMatch(xml, /<interface|<graphics/);
    // arm.sh knows a whole definition by its last line.
    assert.match(xml, /^<\/domain>$/m);
  });
});
