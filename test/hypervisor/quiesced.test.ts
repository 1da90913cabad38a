// A quiesced command on a virsh that remembers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { notThawedCode, quiesced } from "../../lib/hypervisor/quiesced.ts";
import { makeFakeHypervisor, startFakeVm, type FakeHypervisor } from "../support/fake-virsh.ts";

describe("quiesced()", () => {
  const uuid = randomUUID();
  let hypervisor: FakeHypervisor;

  beforeEach(() => {
    hypervisor = makeFakeHypervisor();
    const disk = {
      target: "vda",
      format: "qcow2",
      path: join(hypervisor.directory, "vda"),
      driver: "",
    } as const;
    startFakeVm(hypervisor, { uuid, name: "web", description: "", disks: [disk] });
  });
  afterEach(() => hypervisor.remove());

  /** Runs a command of a few words and blanks, and gives its code and the verbs that virsh was called with. */
  function run(...words: readonly string[]): {
    readonly code: number | null;
    readonly verbs: readonly string[];
  } {
    const [program, ...args] = quiesced({ uri: "fake:///", uuid }, ["virsh", "-c", "fake:///", ...words]);
    const { status } = spawnSync(program, args, { env: { ...process.env, ...hypervisor.environment } });
    return { code: status, verbs: hypervisor.calls().map((call) => call.split(" ")[1] ?? "") };
  }

  it("freezes, runs the command, and thaws", () => {
    assert.deepEqual(run("domstate", uuid), { code: 0, verbs: ["domfsfreeze", "domstate", "domfsthaw"] });
  });

  it("thaws after a command that failed, and ends as it did", () => {
    assert.deepEqual(run("blockjob", uuid, "vda"), {
      code: 1,
      verbs: ["domfsfreeze", "blockjob", "domfsthaw"],
    });
  });

  it("does not run the command when the freeze fails", () => {
    hypervisor.virsh("destroy", uuid);
    assert.deepEqual(run("domstate", uuid), { code: 1, verbs: ["domfsfreeze"] });
  });

  it("says by its code that the guest was not thawed", () => {
    hypervisor.control("thaw-fails", 1);
    assert.equal(run("domstate", uuid).code, notThawedCode);
  });
});
