import type { LabHost } from "../lab/lab-host.ts";

/** Ends processes of a host at once, by their ids inside it. One that has ended by itself meanwhile is no trouble. */
export async function killInHost(host: LabHost, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await host.run(["kill", "-KILL", ...ids.map(String)]);
}
