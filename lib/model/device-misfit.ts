// Why a disk cannot be written back onto its block device.

import type { DeviceUse } from "./device.ts";

export type DeviceMisfit =
  /** Nobody has said that what is on it may be lost. */
  | { readonly kind: "block-disk"; readonly target: string; readonly path: string }
  | { readonly kind: "no-device"; readonly path: string; readonly neededBytes: number }
  | { readonly kind: "not-a-device"; readonly path: string }
  | { readonly kind: "device-unknown"; readonly path: string; readonly detail: string }
  | {
      readonly kind: "device-too-small";
      readonly path: string;
      readonly bytes: number;
      readonly neededBytes: number;
    }
  | { readonly kind: "device-read-only"; readonly path: string }
  | { readonly kind: "device-used"; readonly path: string; readonly use: DeviceUse }
  | { readonly kind: "device-shared"; readonly path: string; readonly vms: readonly string[] }
  /** The VM that would have to make room is on it, and could not be given its place back. */
  | {
      readonly kind: "device-of-replaced";
      readonly path: string;
      readonly name: string;
      readonly hasVariables: boolean;
    }
  /** Of a VM that cannot be read nobody knows what it uses. */
  | { readonly kind: "device-unsure"; readonly path: string; readonly vm: string; readonly detail: string }
  /** Two disks would be written onto one device. */
  | { readonly kind: "device-twice"; readonly path: string; readonly otherPath: string }
  /** An image below a disk was on a device, and is not there as it was backed up. */
  | { readonly kind: "base-device"; readonly target: string; readonly path: string };
