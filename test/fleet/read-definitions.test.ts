import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandResult } from "../../lib/backup/ports.ts";
import { definitionQuestions, readDefinitions } from "../../lib/fleet/read-definitions.ts";
import { virsh } from "../../lib/hypervisor/virsh.ts";
import { buildDomain, buildDomainXml } from "../support/build-vm-facts.ts";

const uuid = "0f5f7a2e-1111-4222-8333-444455556666";
const xml = buildDomainXml(buildDomain());
const answers: Readonly<Record<string, string>> = {
  domstate: "running (booted)\n",
  dominfo: "Persistent:     yes\nAutostart:      disable\nManaged save:   no\n",
  dumpxml: xml,
  "snapshot-list": "\n",
};

/** What is read of one VM when libvirt fails to answer this question about it. */
function readWithout(verb: string | undefined): ReturnType<typeof readDefinitions> {
  const answer = (words: readonly string[]): CommandResult =>
    verb !== undefined && words.includes(verb)
      ? { code: 1, stdout: "", stderr: "error: no reason\n" }
      : { code: 0, stdout: answers[words.find((word) => word in answers) ?? ""] ?? "", stderr: "" };
  const questions = definitionQuestions(virsh("qemu:///system"), uuid);
  return readDefinitions(new Map([[uuid, questions.map(answer)]]));
}

describe("readDefinitions()", () => {
  it("reads what libvirt says", () => {
    const { definitions, unreadable } = readWithout(undefined);
    assert.deepEqual(unreadable, []);
    assert.equal(definitions[0]?.name, "web");
    assert.equal(definitions[0].isPersistent, true);
  });

  it("leaves out a VM that went away", () => {
    assert.deepEqual(readWithout("domstate"), { definitions: [], unreadable: [] });
  });

  for (const verb of ["dominfo", "dumpxml", "--inactive", "snapshot-list"]) {
    it(`does not take a VM for gone or for smaller than it is when ${verb} fails`, () => {
      const { definitions, unreadable } = readWithout(verb);
      assert.deepEqual(definitions, []);
      assert.match(unreadable[0]?.detail ?? "", / failed: error: no reason$/);
    });
  }
});
