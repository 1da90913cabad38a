/** Clocks of the machines that back up into one store differ by less. */
const skewMilliseconds = 3600_000;

/** Whether a backup claims to begin in time to come: a clock was wrong, and nobody knows how old it is. */
export function isToCome(manifest: { readonly startedAt: string }, now: Date): boolean {
  return Date.parse(manifest.startedAt) > now.getTime() + skewMilliseconds;
}
