import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { matchesGlob } from "../../lib/config/glob.ts";
import { whatFailed } from "../../lib/report/rerun.ts";
import { vmResults, type RunReport, type VmResultKind } from "../../lib/report/run-result-schema.ts";

const at = "2026-11-23T01:25:00.000Z";
const ended: Omit<RunReport, "kind"> = { version: 1, at, startedAt: at, seconds: 1, hosts: [], vms: [] };
const known = (host: string) => ({ host, target: `root@${host}`, isSurveyed: true });
const vm = (host: string, name: string, result: VmResultKind) => ({
  ...{ host, vm: name, result, copiedBytes: 0, degradedBy: [], leftOnHost: [] },
});

const left = (host: string, vms: readonly string[] | undefined, mayBeMissing: readonly string[] = []) => ({
  ...{ kind: "host", host, target: `root@${host}`, vms, mayBeMissing },
});

describe("whatFailed()", () => {
  it("is every VM without a backup, by its name", () => {
    const vms = vmResults.map((result) => vm("kvm1", `${result} "ü"/1`, result));
    const report = { ...ended, kind: "run-finished", exitCode: 3, hosts: [known("kvm1")], vms } as const;
    const names = ["failed", "refused", "interrupted", "bug", "not-reached"].map((word) => `${word} "ü"/1`);
    assert.deepEqual(whatFailed(report, matchesGlob), [left("kvm1", names)]);
  });

  it("is nothing of a host whose VMs all have one, nor of one that has none", () => {
    const vms = [vm("kvm1", "web", "ok"), vm("kvm1", "db", "degraded")];
    const hosts = [known("kvm1"), known("kvm2")];
    assert.deepEqual(
      whatFailed({ ...ended, kind: "run-finished", exitCode: 5, hosts, vms }, matchesGlob),
      [],
    );
  });

  it("is what a host was asked for that did not answer, or whose turn never came", () => {
    const hosts = [
      { ...known("kvm1"), isSurveyed: false },
      { ...known("kvm2"), isSurveyed: false, vms: ["db"] },
    ];
    assert.deepEqual(whatFailed({ ...ended, kind: "run-unfinished", hosts }, matchesGlob), [
      left("kvm1", undefined),
      left("kvm2", ["db"]),
    ]);
  });

  it("does not ask a host that did not answer for a VM that another of the target's hosts has", () => {
    const wish = (text: string) => ({ vms: [text, "own"], shared: [{ vm: text, target: `rack/${text}` }] });
    const hosts = [
      { ...known("kvm1"), ...wish("web*") },
      { ...known("kvm2"), ...wish("web*"), isSurveyed: false },
    ];
    const report = { ...ended, kind: "run-finished", exitCode: 3, hosts } as const;
    const found = { ...report, vms: [vm("kvm1", "web7", "ok")] };
    const [first, ...others] = whatFailed(found, matchesGlob);
    assert.deepEqual(first, left("kvm2", ["web*", "own"], ["web*"]));
    assert.deepEqual(others, []);
    // The next run knows only of that host, and of what it need not have.
    const again = [{ ...known("kvm2"), isSurveyed: false, vms: ["web*", "own"], mayBeMissing: ["web*"] }];
    assert.deepEqual(whatFailed({ ...report, hosts: again }, matchesGlob), [first]);
  });

  it("asks all hosts of a target again while none is known to have such a VM", () => {
    const shared = { vms: ["web9"], shared: [{ vm: "web9", target: "rack/web9" }] };
    const hosts = [
      { ...known("kvm1"), ...shared },
      { ...known("kvm2"), ...shared, isSurveyed: false },
      { ...known("kvm3"), ...shared, isSurveyed: false },
    ];
    const report = { ...ended, kind: "run-finished", exitCode: 3, hosts } as const;
    const elsewhere = { ...report, vms: [vm("kvm1", "web8", "ok"), vm("other", "web9", "ok")] };
    assert.deepEqual(whatFailed(elsewhere, matchesGlob), [{ kind: "target", target: "rack/web9" }]);
  });

  it("asks again for a target that was refused because none of its hosts has such a VM", () => {
    const failure = { kind: "no-vm-matches", sentence: "No VM", target: "rack/web9" };
    const vms = [{ ...vm("rack", "web9", "refused"), failure }];
    const report = { ...ended, kind: "run-finished", exitCode: 3, hosts: [known("kvm1")], vms } as const;
    assert.deepEqual(whatFailed(report, matchesGlob), [{ kind: "target", target: "rack/web9" }]);
  });
});
