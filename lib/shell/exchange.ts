// One script out, its answer back, over one channel.

import type { Readable } from "node:stream";
import type { AnswerReader } from "./answer-reader.ts";

/**
 * What is needed of an SSH channel, or of whatever stands in for it. Its `close` says how the host's shell ended: a
 * `null` code means by that signal, an undefined one that nobody knows. The `exit` of ssh2 is no use: where the host
 * answers all in one piece it comes before anybody can listen.
 */
export interface Channel {
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "close", listener: (code?: number | null, signal?: string) => void): unknown;
  readonly stderr: Readable;
  write(text: string): unknown;
  end(): unknown;
  close(): void;
}

/** Both output streams, and what bounds them. */
export interface ExchangeOptions {
  readonly stdout: AnswerReader;
  readonly stderr: AnswerReader;
  readonly limitSeconds: number;
  readonly limitBytes: number;
}

/** How an exchange ended. Only `answered` and `exited` mean that the host had its say. */
export type ExchangeEnd =
  /** All of the answer is there. */
  | { readonly kind: "answered" }
  /** The host's shell ended by itself without answering. */
  | { readonly kind: "exited" }
  /** Nobody knows what the host did. */
  | { readonly kind: "cut"; readonly detail: string }
  | { readonly kind: "too-long" };

/** How long a channel may stay open once the answer is there: a process left on the host may hold on to it. */
const closingMilliseconds = 1000;
/** How long the first of an answer is waited for before our input ends without it. */
const silenceMilliseconds = 1000;

/**
 * Sends the script and waits for the end of its answer, or for the reason why there will be none. The channel may
 * still be open for a moment then.
 */
export async function exchange(
  channel: Channel,
  script: string,
  options: ExchangeOptions,
): Promise<ExchangeEnd> {
  let end: ExchangeEnd | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  channel.on("close", () => {
    isClosed = true;
    clearTimeout(timer);
  });
  try {
    end = await answered(channel, script, options);
    return end;
  } finally {
    if (end?.kind !== "answered") channel.close();
    else if (!isClosed) timer = setTimeout(() => channel.close(), closingMilliseconds);
  }
}

async function answered(channel: Channel, script: string, options: ExchangeOptions): Promise<ExchangeEnd> {
  const { stdout, stderr, limitSeconds } = options;
  const acknowledge = endOnce(channel);
  const timers = [setTimeout(acknowledge, silenceMilliseconds)];
  const ending = new Promise<ExchangeEnd>((resolve, reject) => {
    let isOver = false;
    const take = (reader: AnswerReader) => (chunk: Buffer) => {
      if (isOver) return;
      try {
        acknowledge();
        reader.push(chunk);
        const end = endBy(options);
        isOver = end !== undefined;
        if (end !== undefined) resolve(end);
      } catch (error) {
        // Whoever listens to lines has failed; thrown on, it would look like a broken protocol.
        isOver = true;
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    channel.on("data", take(stdout));
    channel.stderr.on("data", take(stderr));
    // The connection's own listener knows why; without one here it would end the process.
    channel.on("error", () => undefined);
    channel.on("close", (code, signal) => resolve(endByClose(code, signal)));
    const detail = `no answer within ${limitSeconds} s`;
    timers.push(setTimeout(() => resolve({ kind: "cut", detail }), limitSeconds * 1000));
  });
  channel.write(script);
  return await ending.finally(() => timers.forEach(clearTimeout));
}

/**
 * The end of our input is not sent with the script but when the first of its answer is here. sshd sends small
 * packets only when the one before is acknowledged, and our kernel waits 40 ms for something to send the
 * acknowledgement with. This is that something: without it every command takes those 40 ms.
 */
function endOnce(channel: Channel): () => void {
  let hasEnded = false;
  return () => {
    if (!hasEnded) channel.end();
    hasEnded = true;
  };
}

function endBy({ stdout, stderr, limitBytes }: ExchangeOptions): ExchangeEnd | undefined {
  if (stdout.hasEnded() && stderr.hasEnded()) return { kind: "answered" };
  return stdout.keptBytes() + stderr.keptBytes() > limitBytes ? { kind: "too-long" } : undefined;
}

function endByClose(code?: number | null, signal = "a signal"): ExchangeEnd {
  if (code === undefined) return { kind: "cut", detail: "the link broke before the answer came" };
  // What a shell was running when a signal ended it may still run.
  if (code === null) return { kind: "cut", detail: `the host's shell was ended by ${signal}` };
  return { kind: "exited" };
}
