// A slow line to a host, so that a test has time to do something while a disk is copied.

import type { LabHost } from "../../lab/lab-host.ts";

/** Does the work while the host sends at most this many megabits a second, or until `speedUp`. */
export async function withSlowLink<T>(host: LabHost, megabits: number, work: () => Promise<T>): Promise<T> {
  const limit = ["rate", `${megabits}mbit`, "burst", "64kb", "latency", "100ms"] as const;
  await host.check(["tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", ...limit]);
  try {
    return await work();
  } finally {
    await speedUp(host);
  }
}

/** Lets what still goes over the slow line go as fast as it can. */
export async function speedUp(host: LabHost): Promise<void> {
  await host.run(["tc", "qdisc", "delete", "dev", "eth0", "root"]);
}
