import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandResult } from "../../lib/backup/ports.ts";
import { assembleFacts } from "../../lib/fleet/assemble-facts.ts";
import type { VmImages } from "../../lib/fleet/read-images.ts";
import { buildVmFacts } from "../support/build-vm-facts.ts";

const said = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: "" });
const refused: CommandResult = {
  code: 1,
  stdout: "",
  stderr: "error: first\nerror: cannot allocate memory\n",
};
const files = { stamps: new Map(), freeBytes: new Map() };

function vmWith(snapshotDumps: VmImages["snapshotDumps"]): VmImages {
  const definition = { ...buildVmFacts(), liveXml: "", snapshotNames: [...snapshotDumps.keys()] };
  const nothing = {
    chains: new Map(),
    activeJobs: [],
    paths: [],
    overlayDirectories: [],
    currentSnapshot: undefined,
  };
  return { definition, snapshotDumps, ...nothing };
}

function snapshot(name: string, parent?: string): CommandResult {
  const parentXml = parent === undefined ? "" : `<parent><name>${parent}</name></parent>`;
  return said(`<domainsnapshot><name>${name}</name>${parentXml}<state>shutoff</state></domainsnapshot>`);
}

describe("assembleFacts()", () => {
  it("puts a VM's snapshots in order, parents before children", () => {
    const dumps = new Map([
      ["a", snapshot("a", "z")],
      ["z", snapshot("z")],
    ]);
    const { vms } = assembleFacts([vmWith(dumps)], files);
    assert.deepEqual(
      vms[0]?.snapshots.map(({ name }) => name),
      ["z", "a"],
    );
  });

  for (const failed of ["z", "a"]) {
    it(`names the snapshot that libvirt does not describe, and why, when it is ${failed === "z" ? "a parent" : "a leaf"}`, () => {
      const dumps = new Map([
        ["a", snapshot("a", "z")],
        ["z", snapshot("z")],
      ]);
      const { vms, unreadable } = assembleFacts([vmWith(dumps.set(failed, refused))], files);
      assert.deepEqual(vms, []);
      assert.deepEqual(unreadable, [
        {
          uuid: buildVmFacts().uuid,
          name: "web",
          detail: `virsh snapshot-dumpxml of snapshot "${failed}" failed: error: cannot allocate memory`,
        },
      ]);
    });
  }
});
