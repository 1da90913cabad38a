// What must be known before a VM comes back as what it was.

import type { Namesake } from "../model/misfit.ts";
import type { HostFacts } from "../model/vm.ts";
import type { DeviceFacts } from "./find-device-misfits.ts";
import type { PathKind } from "./target-facts.ts";

/** Something on the host at the path of one of the original's files. */
export interface HostFile {
  readonly kind: PathKind;
  /** As images are identified in a survey; undefined where nothing is. */
  readonly identity: string | undefined;
  /** Only of files that may stay because they are as in the backup. */
  readonly sha256: string | undefined;
}

/** A folder that is there. */
export interface HostFolder {
  /** Where its file system is mounted. */
  readonly mount: string;
  readonly freeBytes: number;
}

export interface OriginalFacts {
  readonly here: HostFacts;
  /** VMs of its name or UUID on other hosts of the inventory. */
  readonly elsewhere: readonly Namesake[];
  readonly unasked: readonly { readonly host: string; readonly detail: string }[];
  readonly files: ReadonlyMap<string, HostFile>;
  readonly folders: ReadonlyMap<string, HostFolder>;
  readonly devices: DeviceFacts;
}
