import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { whatFailed } from "../../lib/report/rerun.ts";
import { vmResults, type RunReport, type VmResultKind } from "../../lib/report/run-result-schema.ts";

const at = "2026-11-23T01:25:00.000Z";
const ended: Omit<RunReport, "kind"> = { version: 1, at, startedAt: at, seconds: 1, hosts: [], vms: [] };
const known = (host: string) => ({ host, target: `root@${host}`, isSurveyed: true });
const vm = (host: string, name: string, result: VmResultKind) => ({
  ...{ host, vm: name, result, copiedBytes: 0, degradedBy: [], leftOnHost: [] },
});

describe("whatFailed()", () => {
  it("is every VM without a backup, by its name", () => {
    const vms = vmResults.map((result) => vm("kvm1", `${result} "ü"/1`, result));
    const report = { ...ended, kind: "run-finished", exitCode: 3, hosts: [known("kvm1")], vms } as const;
    const names = ["failed", "refused", "interrupted", "bug", "not-reached"].map((word) => `${word} "ü"/1`);
    assert.deepEqual(whatFailed(report), [{ host: "kvm1", target: "root@kvm1", vms: names }]);
  });

  it("is nothing of a host whose VMs all have one, nor of one that has none", () => {
    const vms = [vm("kvm1", "web", "ok"), vm("kvm1", "db", "degraded")];
    const hosts = [known("kvm1"), known("kvm2")];
    assert.deepEqual(whatFailed({ ...ended, kind: "run-finished", exitCode: 5, hosts, vms }), []);
  });

  it("is what a host was asked for that did not answer, or whose turn never came", () => {
    const hosts = [
      { ...known("kvm1"), isSurveyed: false },
      { ...known("kvm2"), isSurveyed: false, vms: ["db"] },
    ];
    assert.deepEqual(whatFailed({ ...ended, kind: "run-unfinished", hosts }), [
      { host: "kvm1", target: "root@kvm1", vms: undefined },
      { host: "kvm2", target: "root@kvm2", vms: ["db"] },
    ]);
  });
});
