import { BackupError } from "../model/failure.ts";

/** Waits for work that goes on without us. @throws BackupError `interrupted` as soon as the run is stopped. */
export async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const end = (): void => reject(new BackupError({ kind: "interrupted", signal: String(signal.reason) }));
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    // Also hears a failure that comes after the end, so that it is nobody's.
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
