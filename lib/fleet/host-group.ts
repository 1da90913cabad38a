// A host to be looked at, and which of its VMs are meant.

import type { Host } from "../model/host.ts";
import type { OverlayDirectoryOf } from "../plan/overlay-directory.ts";

export interface HostGroup {
  readonly host: Host;
  /** Names of VMs asked for, or patterns for them; undefined for all. */
  readonly vms: readonly string[] | undefined;
  /** Folders on the host to be looked through as well. */
  readonly overlayDirectoryOf: OverlayDirectoryOf;
}
