// What was asked of each host, for the run's result.

import { formatHost } from "../config/target.ts";
import type { RunRequest } from "../fleet/run-backups.ts";
import type { AskedHost } from "../report/run-result.ts";

/** The hosts of a request, with the VMs it is narrowed to. */
export function askedHosts({ hosts }: Pick<RunRequest, "hosts">): readonly AskedHost[] {
  return hosts.map(({ host, vms }) => ({ host, target: formatHost(host), vms }));
}
