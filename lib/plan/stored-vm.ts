// A VM as a backup in the store describes it, read and held against its manifest.

import type { Domain } from "../model/vm.ts";
import type { Manifest } from "../store/manifest.ts";

export interface StoredVm {
  /** Absolute path of the backup's folder. */
  readonly path: string;
  readonly manifest: Manifest;
  /** `dumpxml --inactive --security-info` as it was. */
  readonly originalXml: string;
  readonly domain: Domain;
  /** The folder that the definitions of the snapshots name as the one with the images. */
  readonly namedFolder: string;
  /** As they stand in the store, parents before children. */
  readonly snapshots: readonly { readonly name: string; readonly xml: string }[];
}
