// What a drill came to, for tests.

import type { DrillRecord } from "../../lib/store/drill-record.ts";

/** A drill that ended well. */
export function sampleDrill(more: Partial<DrillRecord> = {}): DrillRecord {
  return {
    ...{ version: 1, backupId: "b", drilledAt: "2026-11-24T02:00:00.000Z", state: "booted", host: "kvm2" },
    ...{ way: "overlay", expected: "agent", rtoSeconds: 41.5, bootSeconds: 40, evidence: [] },
    ...{
      lastBootedAt: "2026-11-24T02:00:00.000Z",
      tool: { name: "virtfold", version: "0" },
      machine: "jump",
    },
    ...more,
  };
}
