// What a dead man's switch is told of a run: that it began, that it went well, that it did not.

import { BackupError } from "../model/failure.ts";
import type { RunFinished } from "../report/run-result-schema.ts";

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
  const { host } = new URL(address);
  const signal = AbortSignal.timeout(limitMilliseconds);
  try {
    const response = await fetch(pingAddress(address, ping), {
      method: "POST",
      body: pingText(ping),
      signal,
    });
    // Unread answers keep the connection, and some runtimes' process, open.
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  } catch (error) {
    const moment = ping.kind === "start" ? "began" : "ended";
    const why = signal.aborted ? "no answer within 10 s" : whyNot(error);
    const detail = `Cannot tell ${host} (VIRTFOLD_PING_URL) that the run ${moment}: ${why}`;
    const hint = "Look at the address and at the network of this machine";
    throw new BackupError({ kind: "usage", detail, hint }, { cause: error });
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
  return exitCode === 0 || exitCode === 5;
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

/** What `fetch` throws says why in its cause; its own message may hold the address. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return "it cannot be reached";
  if (/^it answered \d+$/.test(error.message)) return error.message;
  const { cause = error } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : "it cannot be reached";
}
