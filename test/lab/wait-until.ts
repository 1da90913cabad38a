import { setTimeout as pause } from "node:timers/promises";

/** How long to wait, how often to look, and what to say when it never comes (the end of a log, for instance). */
export interface WaitOptions {
  readonly limitSeconds: number;
  /** 250 if nothing else is said: to look into a host starts several processes, and tests that wait side by side add up. */
  readonly everyMilliseconds?: number;
  readonly explain?: () => Promise<string> | string;
}

/** Asks again and again until the answer is not undefined; throws, naming what was waited for, at the limit. */
export async function waitUntil<T>(
  what: string,
  options: WaitOptions,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + options.limitSeconds * 1000;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > end) break;
    await pause(options.everyMilliseconds ?? 250);
  }
  const detail = (await options.explain?.()) ?? "";
  throw new Error(
    `Cannot see that ${what}: waited ${options.limitSeconds} s${detail === "" ? "" : `\n${detail}`}`,
  );
}
