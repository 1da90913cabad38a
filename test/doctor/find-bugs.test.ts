import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findBugsHere, findBugsThere } from "../../lib/doctor/find-bugs.ts";

const sound = { libvirt: "12.1.0", qemu: "9.2.0", qemuImg: "9.2.0", rsync: "3.5.0" };
const there = (changes: Partial<Record<keyof typeof sound, string | undefined>>, models: string[] = []) =>
  findBugsThere({ ...sound, ...changes }, models).map(({ bug, severity }) => `${bug} ${severity}`);
const here = (rsync: string | undefined) =>
  findBugsHere({ rsync, qemuImg: "9.2.0" }).map(({ bug, severity }) => `${bug} ${severity}`);

describe("findBugsThere()", () => {
  it("finds nothing wrong with recent tools, nor with those whose version cannot be told", () => {
    assert.deepEqual(there({}, ["apparmor", "dac"]), []);
    assert.deepEqual(there({ libvirt: undefined, qemu: "", qemuImg: undefined, rsync: "unknown" }), []);
  });

  it("knows the first version without each fault", () => {
    assert.deepEqual(there({ libvirt: "1.2.8" }), ["libvirt-too-old problem"]);
    assert.deepEqual(there({ libvirt: "1.2.9" }), []);
    assert.deepEqual(there({ qemu: "2.0.2" }), ["qemu-too-old problem"]);
    assert.deepEqual(there({ qemu: "2.1" }), []);
    assert.deepEqual(there({ qemuImg: "2.9.1" }), ["no-image-locks note"]);
    assert.deepEqual(there({ qemuImg: "2.10.0" }), []);
    assert.deepEqual(there({ rsync: "2.6.9" }), ["rsync-too-old problem"]);
    assert.deepEqual(there({ rsync: "3.0.0" }), []);
  });

  it("thinks of AppArmor only where libvirt uses it", () => {
    assert.deepEqual(there({ libvirt: "9.0.0" }, ["dac"]), []);
    assert.deepEqual(there({ libvirt: "9.0.0" }, ["apparmor", "dac"]), ["apparmor-denies-commit note"]);
  });
});

describe("findBugsHere()", () => {
  it("knows which rsync cannot receive, or may be attacked", () => {
    assert.deepEqual(here("3.0.9"), ["rsync-too-old problem"]);
    assert.deepEqual(here("3.1.2"), ["rsync-hostile-sender note"]);
    assert.deepEqual(here("3.2.4"), ["rsync-hostile-sender note"]);
    assert.deepEqual(here("3.4.3"), []);
    assert.deepEqual(here(undefined), []);
  });
});
