// The definition of a snapshot → the same for a restored VM. Pure.

import type { DomainChanges } from "../hypervisor/domain-changes.ts";
import { patchSnapshotXml } from "../hypervisor/patch-snapshot-xml.ts";
import type { Degradation } from "../model/event.ts";
import type { SnapshotPlan } from "../model/plan.ts";

/** The definition of a snapshot made to use the backup, and why it is less than whole. */
export function patchSnapshot(
  { name, xml }: Pick<SnapshotPlan, "name" | "xml">,
  changes: DomainChanges,
): { readonly xml: string; readonly missing: readonly Degradation[] } {
  const patched = patchSnapshotXml(xml, changes);
  const missing = patched.unpatched.map(({ target, path }): Degradation => ({
    ...{ kind: "snapshot-needs-file", name, target, path },
  }));
  return { xml: patched.xml, missing };
}
