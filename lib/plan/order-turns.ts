// Whose turn comes first: by priority, then by how long it is expected to take. Pure.

/** What the order of a VM's turn depends on. */
export interface Turn {
  readonly priority: number;
  /** How long the last good backup of it took; undefined when there is none. */
  readonly expectedSeconds: number | undefined;
}

/** A turn, and how long all of its host are expected to take together; Infinity when that is not known. */
export type RankedTurn<T extends Turn> = T & { readonly hostSeconds: number };

/**
 * The turns of one host in their order: those of a higher priority first, then those of which nothing is known, since
 * they may take longest, then the longest. Of equal ones each keeps its place.
 */
export function orderTurns<T extends Turn>(turns: readonly T[]): readonly RankedTurn<T>[] {
  const seconds = ({ expectedSeconds }: Turn): number => expectedSeconds ?? Infinity;
  const hostSeconds = turns.reduce((sum, turn) => sum + seconds(turn), 0);
  return turns
    .toSorted((one, other) => other.priority - one.priority || longestFirst(seconds(one), seconds(other)))
    .map((turn) => ({ ...turn, hostSeconds }));
}

/**
 * Which of two turns on any hosts comes first. A host's backups run one after the other, so the run ends no earlier than
 * the host that needs longest: it begins first. Those of a host stay together, so that few hosts are at work at a time.
 */
export function compareTurns(one: RankedTurn<Turn>, other: RankedTurn<Turn>): number {
  return other.priority - one.priority || longestFirst(one.hostSeconds, other.hostSeconds);
}

/** Infinity minus itself is no number. */
function longestFirst(one: number, other: number): number {
  return one === other ? 0 : other - one;
}
