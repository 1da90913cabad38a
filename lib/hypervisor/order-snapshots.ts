// The order in which libvirt accepts snapshots when they are defined anew.

/** The snapshots do not form a tree: `fault` says in which way, `snapshot` where. */
export class SnapshotOrderError extends Error {
  readonly fault: "duplicate-name" | "missing-parent" | "cycle";
  readonly snapshot: string;

  constructor(fault: SnapshotOrderError["fault"], snapshot: string) {
    super(`${fault}: ${snapshot}`);
    this.name = "SnapshotOrderError";
    this.fault = fault;
    this.snapshot = snapshot;
  }
}

interface Named {
  readonly name: string;
  readonly parent: string | undefined;
}

/**
 * Parents before children, otherwise in the order given. libvirt refuses a child whose parent it does not know.
 * @throws SnapshotOrderError for two of one name, a parent that is not among them, or a circle.
 */
export function orderSnapshots<S extends Named>(snapshots: readonly S[]): readonly S[] {
  const byName = new Map(snapshots.map((snapshot) => [snapshot.name, snapshot]));
  const duplicate = snapshots.find((snapshot) => byName.get(snapshot.name) !== snapshot);
  if (duplicate !== undefined) throw new SnapshotOrderError("duplicate-name", duplicate.name);
  const ordered = new Set<S>();
  for (const snapshot of snapshots) {
    for (const next of lineageOf(snapshot, { byName, ordered })) ordered.add(next);
  }
  return [...ordered];
}

/** The snapshot and those of its ancestors that are not in order yet, eldest first. */
function lineageOf<S extends Named>(
  snapshot: S,
  { byName, ordered }: { readonly byName: ReadonlyMap<string, S>; readonly ordered: ReadonlySet<S> },
): readonly S[] {
  const lineage = new Set<S>();
  for (let next = snapshot; !ordered.has(next);) {
    if (lineage.has(next)) throw new SnapshotOrderError("cycle", next.name);
    lineage.add(next);
    if (next.parent === undefined) break;
    const parent = byName.get(next.parent);
    if (parent === undefined) throw new SnapshotOrderError("missing-parent", next.name);
    next = parent;
  }
  return [...lineage].reverse();
}
