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

/** What is read of one VM when libvirt fails to answer this question about it, with these words. */
function readWithout(
  verb: string | undefined,
  failure: CommandResult = { code: 1, stdout: "", stderr: "error: no reason\n" },
): ReturnType<typeof readDefinitions> {
  const answer = (words: readonly string[]): CommandResult =>
    verb !== undefined && words.includes(verb)
      ? failure
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
    const first = `error: failed to get domain '${uuid}'\n`;
    const second = `error: Domain not found: no domain with matching uuid '${uuid}' (web)\n`;
    for (const stderr of [first, `${first}${second}`])
      assert.deepEqual(readWithout("domstate", { code: 1, stdout: "", stderr }), {
        definitions: [],
        unreadable: [],
      });
  });

  it("does not take a VM for gone that libvirt did not answer about", () => {
    const failures: readonly CommandResult[] = [
      { code: 124, stdout: "", stderr: "" },
      {
        code: 1,
        stdout: "",
        stderr: "error: failed to connect to the hypervisor\nerror: Connection refused\n",
      },
      {
        code: 1,
        stdout: "",
        stderr: `error: Disconnected from qemu:///system due to end of file\nerror: failed to get domain '${uuid}'\n`,
      },
    ];
    for (const failure of failures) {
      const { definitions, unreadable } = readWithout("domstate", failure);
      assert.deepEqual(definitions, []);
      assert.match(unreadable[0]?.detail ?? "", /^virsh domstate failed/);
    }
    assert.equal(readDefinitions(new Map([[uuid, []]])).unreadable.length, 1, "no answer at all");
  });

  for (const verb of ["domstate", "dominfo", "dumpxml", "--inactive", "snapshot-list"]) {
    it(`does not take a VM for gone or for smaller than it is when ${verb} fails`, () => {
      const { definitions, unreadable } = readWithout(verb);
      assert.deepEqual(definitions, []);
      assert.match(unreadable[0]?.detail ?? "", / failed: error: no reason$/);
    });
  }
});
