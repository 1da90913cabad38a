// What `doctor --canary --json` says of the scratch VM of one host.

import assert from "node:assert/strict";
import type { RunEnd } from "./virtfold-process.ts";

/** A finding of doctor. */
export interface Told {
  readonly kind: string;
  readonly severity: string;
  readonly text: string;
  readonly commands: readonly string[];
}

/** The only finding about a canary, of a doctor that ended with this code. */
export function canaryFinding(end: RunEnd, code: number): Told {
  assert.equal(end.code, code, end.stdout + end.stderr);
  const { findings } = JSON.parse(end.stdout) as { findings: readonly Told[] };
  const [canary, ...more] = findings.filter(({ kind }) => kind === "canary");
  assert.ok(canary !== undefined && more.length === 0, end.stdout);
  return canary;
}
