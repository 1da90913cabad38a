// How fast a number of bytes grows. Pure but for what each follower remembers.

/** A rate is taken over this time: a shorter one jumps about, a longer one tells of what is over. */
const windowMilliseconds = 15_000;

/** Follows a growing number; each look tells bytes per second of late, 0 when nothing is known. Times in milliseconds. */
export function recentRate(): (bytes: number, now: number) => number {
  let samples: readonly { readonly at: number; readonly bytes: number }[] = [];
  return (bytes, now) => {
    samples = [...samples.filter(({ at }) => now - at <= windowMilliseconds), { at: now, bytes }];
    const [{ at, bytes: before }] = samples as readonly [(typeof samples)[number]];
    return now > at ? ((bytes - before) * 1000) / (now - at) : 0;
  };
}
