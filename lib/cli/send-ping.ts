// What a dead man's switch is told of a run: that it began, that it went well, that it did not.

import { BackupError } from "../model/failure.ts";
import type { RunFinished } from "../report/run-result-schema.ts";
import { exitCodes } from "./exit-codes.ts";

/** A moment of a run that is told; `end` has its result. */
export type Ping = { readonly kind: "start" } | { readonly kind: "end"; readonly result: RunFinished };

/** A run must not wait long for whoever listens. */
const limitMilliseconds = 10_000;

/**
 * Tells the moment by the convention of healthchecks.io: the address itself for what went well, `/start` and `/fail` below it
 * for the rest; with a line of counts, and without any name. The address is a secret: errors name its host only.
 * @throws BackupError `usage` when nobody took it within 10 s.
 */
export async function sendPing(address: string, ping: Ping): Promise<void> {
  const trouble = await post(pingAddress(address, ping), pingText(ping));
  if (trouble === undefined) return;
  const moment = ping.kind === "start" ? "began" : "ended";
  const what = `Cannot tell ${new URL(address).host} (VIRTFOLD_PING_URL) that the run ${moment}`;
  const hint = "Look at the address and at the network of this machine";
  throw new BackupError({ kind: "usage", detail: `${what}: ${trouble.why}`, hint }, { cause: trouble.error });
}

/** What was wrong, without the address: what `fetch` throws may hold it, and says why only in its cause. */
async function post(
  url: URL,
  body: string,
): Promise<{ readonly why: string; readonly error?: unknown } | undefined> {
  const signal = AbortSignal.timeout(limitMilliseconds);
  try {
    const response = await fetch(url, { method: "POST", body, signal });
    // Unread answers keep the connection, and some runtimes' process, open.
    await response.body?.cancel();
    return response.ok ? undefined : { why: `it answered ${response.status}` };
  } catch (error) {
    if (signal.aborted) return { why: "no answer within 10 s", error };
    const { cause = error } = error as Error;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "it cannot be reached";
    return { why: code, error };
  }
}

function pingAddress(address: string, ping: Ping): URL {
  const url = new URL(address);
  const ending = ping.kind === "start" ? "/start" : isGood(ping.result) ? "" : "/fail";
  url.pathname = `${url.pathname.replace(/\/$/, "")}${ending}`;
  return url;
}

/** A degraded backup is a backup: what it lacks is in the text, and in the exit code. */
function isGood({ exitCode }: RunFinished): boolean {
  return exitCode === exitCodes.ok || exitCode === exitCodes.degraded;
}

function pingText(ping: Ping): string {
  if (ping.kind === "start") return "virtfold backup began";
  const { exitCode, vms, hosts } = ping.result;
  const counts = new Map<string, number>();
  for (const { result } of vms) counts.set(result, (counts.get(result) ?? 0) + 1);
  const words = [...counts].map(([result, count]) => `${count} ${result}`);
  const failed = hosts.filter(({ failure }) => failure !== undefined).length;
  if (failed > 0) words.push(`${failed} of ${hosts.length} hosts could not be asked`);
  return `virtfold backup ended with exit code ${exitCode}${words.length === 0 ? "" : `: ${words.join(", ")}`}`;
}
