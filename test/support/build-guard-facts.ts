// Facts of a guard for tests: one whose controller died an hour ago, unless told otherwise.

import type { GuardFacts } from "../../lib/model/guard.ts";

/** A guard as it is found on a host. */
export function buildGuardFacts(changes: Partial<GuardFacts> = {}): GuardFacts {
  const uuid = changes.uuid ?? "0f5f7a2e-1111-4222-8333-444455556666";
  return {
    folder: `/var/lib/virtfold/${uuid}`,
    uuid,
    backupId: "20261123-012500-a1b2c3",
    vm: "web",
    controller: "me@laptop pid 123",
    since: "2026-11-23T01:25:00Z",
    state: "open",
    renewedSecondsAgo: 3600,
    leaseSeconds: 120,
    isWatched: true,
    troubles: [],
    ...changes,
  };
}
