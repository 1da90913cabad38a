// How far a block job is.

import { AnswerError } from "./answer-error.ts";

export interface BlockJob {
  /** In virsh's words, such as `Active Block Commit`. */
  readonly type: string;
  /** Whole percents, rounded down; 100 once everything has been copied over. */
  readonly percent: number;
}

/**
 * Reads `blockjob --info --raw`; undefined when no job runs on the disk, which virsh says by saying nothing.
 * (Without `--raw` the progress goes to standard error.)
 * @throws AnswerError for anything else.
 */
export function parseBlockJob(text: string): BlockJob | undefined {
  if (text.trim() === "") return undefined;
  const type = /^ type=(.+)$/m.exec(text)?.[1];
  const current = /^ cur=([0-9]+)$/m.exec(text)?.[1];
  const end = /^ end=([0-9]+)$/m.exec(text)?.[1];
  if (type === undefined || current === undefined || end === undefined)
    throw new AnswerError("not a block job");
  return { type, percent: percentOf(BigInt(current), BigInt(end)) };
}

/** A job that has just begun says 0 of 0, or 0 of 1. */
function percentOf(current: bigint, end: bigint): number {
  if (end === 0n) return 0;
  return current >= end ? 100 : Number((current * 100n) / end);
}
