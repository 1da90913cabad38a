import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doctorExitCode } from "../../lib/cli/doctor-exit-code.ts";
import type { Judgement, Severity } from "../../lib/model/finding.ts";

const judgement = (severity: Severity, needsPerson = false): Judgement => ({
  ...{ severity, needsPerson, place: { kind: "here" } },
  finding: { kind: "vm-ready", disks: 1 },
});
const codeOf = (judgements: readonly Judgement[], isComplete = true): number =>
  doctorExitCode({ judgements, isComplete, hosts: [], store: undefined });

describe("doctorExitCode()", () => {
  it("is 0 when there is nothing to do", () => {
    assert.equal(codeOf([]), 0);
    assert.equal(codeOf([judgement("ok"), judgement("note")]), 0);
  });

  it("lets the higher need win: a person, an end by a signal, problems, warnings", () => {
    const [warning, problem, person] = [
      judgement("warning"),
      judgement("problem"),
      judgement("problem", true),
    ];
    assert.equal(codeOf([judgement("note"), warning]), 5);
    assert.equal(codeOf([warning, problem]), 3);
    assert.equal(codeOf([problem, warning], false), 130);
    assert.equal(codeOf([problem, person, warning], false), 4);
    assert.equal(codeOf([judgement("warning", true)]), 5);
  });
});
