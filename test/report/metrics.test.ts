import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { metricsText } from "../../lib/report/metrics.ts";
import { vmResults, type RunFinished, type VmResult } from "../../lib/report/run-result-schema.ts";
import { awkwardNames } from "../store/sample-backup.ts";

const at = "2026-11-23T01:30:00.000Z";
const endedAt = "2026-11-23T01:27:31.500Z";
const run = (...vms: readonly VmResult[]): RunFinished => ({
  ...{ version: 1, at, kind: "run-finished", exitCode: 3, startedAt: at, seconds: 300, vms },
  hosts: [
    { host: "kvm1", target: "kvm1", isSurveyed: true },
    { host: "10.0.0.7:2222", target: "root@10.0.0.7:2222", isSurveyed: false },
  ],
});
const vm = (name: string, facts: Partial<VmResult> = {}): VmResult => ({
  ...{ host: "kvm1", vm: name, result: "ok", copiedBytes: 7, sentBytes: 6, endedAt, seconds: 151.5 },
  ...{ degradedBy: [], leftOnHost: [], ...facts },
});
/** The samples of a metric. */
const samples = (text: string, metric: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`virtfold_${metric}{`) || line.startsWith(`virtfold_${metric} `));

describe("metricsText()", () => {
  it("has what a dashboard needs of each VM, host, and the run", () => {
    const text = metricsText(run(vm("web", { storedBytes: 5, secondsOnOverlay: 4.25 })), "");
    const of = '{host="kvm1",vm="web"}';
    for (const line of [
      `virtfold_last_success_timestamp_seconds${of} 1795397251.5`,
      `virtfold_vm_result${of} 0`,
      `virtfold_vm_duration_seconds${of} 151.5`,
      `virtfold_vm_copied_bytes${of} 7`,
      `virtfold_vm_sent_bytes${of} 6`,
      `virtfold_vm_stored_bytes${of} 5`,
      `virtfold_vm_on_overlay_seconds${of} 4.25`,
      'virtfold_host_reached{host="kvm1"} 1',
      'virtfold_host_reached{host="10.0.0.7:2222"} 0',
      "virtfold_run_exit_code 3",
      "virtfold_run_timestamp_seconds 1795397400",
      "virtfold_run_duration_seconds 300",
    ])
      assert.ok(text.split("\n").includes(line), line);
  });

  it("is nothing but comments and samples, each metric described once and in one piece", () => {
    const lines = metricsText(run(vm("web"), vm("db", { result: "failed" })), "")
      .trimEnd()
      .split("\n");
    const sample =
      /^(virtfold_\w+)(?:\{\w+="(?:[^"\\]|\\["\\n])*"(?:,\w+="(?:[^"\\]|\\["\\n])*")*\})? [0-9.]+$/;
    const names = lines.map((line) => /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1] ?? sample.exec(line)?.[1]);
    assert.ok(!names.includes(undefined), lines[names.indexOf(undefined)]);
    const blocks = names.filter((name, index) => name !== names[index - 1]);
    assert.equal(new Set(blocks).size, blocks.length);
    assert.equal(lines.filter((line) => line.startsWith("# TYPE ")).length, blocks.length);
  });

  const escaped: readonly (readonly [name: string, label: string])[] = [
    ["plain", "plain"],
    [`it's "quoted"`, `it's \\"quoted\\"`],
    ["back\\slash", "back\\\\slash"],
    ["\\n is no line", "\\\\n is no line"],
    ["two\nlines", "two\\nlines"],
    [`",vm="x"} 1\nvirtfold_x 1`, `\\",vm=\\"x\\"} 1\\nvirtfold_x 1`],
    ["Käse {}=, 👩‍👩‍👧", "Käse {}=, 👩‍👩‍👧"],
    ["half\ud800surrogate", "half\ufffdsurrogate"],
  ];
  for (const [name, label] of escaped) {
    it(`writes the name ${JSON.stringify(name)} as a label`, () => {
      const [line] = samples(metricsText(run(vm(name)), ""), "vm_result");
      assert.equal(line, `virtfold_vm_result{host="kvm1",vm="${label}"} 0`);
    });
  }

  it("keeps when a VM was last backed up, whatever its name, over runs that fail or leave it out", () => {
    const first = metricsText(run(...awkwardNames.map((name) => vm(name))), "");
    const known = samples(first, "last_success_timestamp_seconds");
    assert.equal(known.length, awkwardNames.length);
    const failed = awkwardNames.map((name) => vm(name, { result: "failed", endedAt: at }));
    for (const later of [run(), run(...failed)]) {
      const again = metricsText(later, metricsText(later, first));
      assert.deepEqual(samples(again, "last_success_timestamp_seconds"), known);
    }
    const renewed = metricsText(run(vm("plain", { result: "degraded", endedAt: at })), first);
    assert.equal(samples(renewed, "last_success_timestamp_seconds").length, known.length);
    assert.ok(renewed.includes('{host="kvm1",vm="plain"} 1795397400\n'));
  });

  it("takes nothing from an earlier file that it has not written itself", () => {
    const name = "virtfold_last_success_timestamp_seconds";
    const foreign = [
      "x 1",
      `${name} 1`,
      `${name}{vm="a"} 1`,
      `${name}{host="a",vm="b"} NaN`,
      `#${name}{host="a",vm="b"} 1`,
    ];
    const text = metricsText(run(), [...foreign, `${name}{host="a",vm="b" 1`, "\0"].join("\n"));
    assert.deepEqual(samples(text, "last_success_timestamp_seconds"), []);
  });

  it("tells results apart by the exit codes", () => {
    const codes = vmResults.map((result) => {
      const [line] = samples(metricsText(run(vm("web", { result })), ""), "vm_result");
      return `${result} ${line?.split(" ").at(-1)}`;
    });
    assert.deepEqual(codes, [
      ...["ok 0", "degraded 5", "failed 3", "refused 3", "interrupted 130", "bug 1", "not-reached 3"],
    ]);
    const left = vm("web", { leftOnHost: [{ action: "fold-overlay", detail: "no" }] });
    assert.match(metricsText(run(left), ""), /^virtfold_vm_result\{.*\} 4$/m);
  });
});
