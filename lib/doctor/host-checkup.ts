// What was learned of one host, as far as the questions came. Facts only.

import type { HostRequest } from "../config/host-request.ts";
import type { FailureReason } from "../model/failure.ts";
import type { Canary } from "../model/finding.ts";
import type { Readiness } from "../model/readiness.ts";
import type { Recovery } from "../model/recovery.ts";
import type { HostFacts } from "../model/vm.ts";

/** A host with its VMs, and what more was asked of them. */
export interface Surveyed {
  readonly facts: HostFacts;
  /** Undefined when libvirt does not say. */
  readonly confinement: readonly string[] | undefined;
  /** What is left of backups. */
  readonly recoveries: readonly Recovery[];
  /** By UUID, of running VMs with the agent's channel that libvirt does not know to be without an agent. */
  readonly doesAgentAnswer: ReadonlyMap<string, boolean>;
  /** Of NVRAM, kernels and the like. */
  readonly unreadableFiles: ReadonlySet<string>;
  /** Of the folders that overlays would be in. */
  readonly closedFolders: ReadonlySet<string>;
}

/** One host; what could not be asked is undefined, and a failure says why. */
export interface HostCheckup {
  readonly request: HostRequest;
  readonly failures: readonly FailureReason[];
  readonly readiness: Readiness | undefined;
  /** Whether OpenSSH and rsync bring a file from there; undefined when that was not tried. */
  readonly dataPath: { readonly isOpen: boolean; readonly detail: string } | undefined;
  readonly surveyed: Surveyed | undefined;
  /** What trying with a VM made for that came to; undefined when that was not asked for, or could not be tried. */
  readonly canary: Canary | undefined;
}
