// What the host says of itself on which a VM is to be restored.

import type { Plug } from "../hypervisor/detach-interfaces.ts";
import type { HostVersions } from "../model/host.ts";

export type PathKind = "folder" | "file" | "other" | "missing";

export interface TargetFacts {
  readonly versions: HostVersions;
  /** The VMs that are defined there. */
  readonly vms: readonly { readonly name: string; readonly uuid: string }[];
  /** Why libvirt cannot run such a machine; undefined when it can. */
  readonly machineTrouble: string | undefined;
  /** Names of the CPU models it can give; empty where it does not say. */
  readonly cpuModels: readonly string[];
  /** What can stand behind a TPM; empty where it does not say. */
  readonly tpmBackends: readonly string[];
  readonly paths: ReadonlyMap<string, PathKind>;
  /** Of the file system that the images go to; undefined when their folder is not there. */
  readonly freeBytes: number | undefined;
  readonly missingPlugs: readonly Plug[];
}

/** Whether a path was looked at and is there. */
export function isThere({ paths }: Pick<TargetFacts, "paths">, path: string): boolean {
  return (paths.get(path) ?? "missing") !== "missing";
}
