// A host to be looked at, and which of its VMs are meant.

import type { Host } from "../model/host.ts";

export interface HostGroup {
  readonly host: Host;
  /** Names of VMs asked for, or patterns for them; undefined for all. */
  readonly vms: readonly string[] | undefined;
  /** A folder on the host to be looked through as well. */
  readonly overlayDirectory: string | undefined;
}
