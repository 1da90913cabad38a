// What keeps the disks of a VM from being written back onto their block devices: what is on a device cannot be kept aside,
// so it must be free beyond doubt, and somebody must have named it. Pure.

import type { DeviceState } from "../model/device.ts";
import type { DeviceMisfit } from "../model/device-misfit.ts";
import type { HostFacts, ImageUsers, VmFacts } from "../model/vm.ts";
import { storedDevices, type StoredDevice } from "./stored-devices.ts";
import type { StoredVm } from "./stored-vm.ts";

/** What the host says of the devices. */
export interface DeviceFacts {
  readonly states: ReadonlyMap<string, DeviceState>;
  /** The VMs that use a device by way of a storage pool, by its identity as in a survey. */
  readonly volumeUsers: ImageUsers;
}

export interface WantedDevices {
  readonly stored: Pick<StoredVm, "manifest">;
  /** The paths that may be written over. */
  readonly named: readonly string[];
  readonly replaced: Pick<VmFacts, "uuid" | "name" | "inactiveDomain"> | undefined;
}

type Here = Pick<HostFacts, "imageUsers" | "unreadable">;

/** All of them at once. */
export function findDeviceMisfits(
  wanted: WantedDevices,
  here: Here,
  facts: DeviceFacts,
): readonly DeviceMisfit[] {
  const devices = storedDevices(wanted.stored);
  return devices.flatMap((device, index): readonly DeviceMisfit[] => {
    const { target, path } = device;
    const before = devices.slice(0, index).map((one) => [one.path, facts.states.get(one.path)] as const);
    const state = facts.states.get(path) ?? { kind: "unknown", detail: "nobody has looked at it" };
    return [
      ...(wanted.named.includes(path) ? [] : [{ kind: "block-disk", target, path } as const]),
      ...unfitDevice(device, state),
      ...(state.kind === "device" ? otherUses(path, state, { wanted, here, facts }) : []),
      ...twins(path, state, before),
    ];
  });
}

/** Whether a VM of the host is on one of the devices. */
export function isOnDevices(uuid: string, here: Pick<HostFacts, "imageUsers">, facts: DeviceFacts): boolean {
  return [...facts.states.values()].some((state) =>
    usersOf(state, here, facts).some((user) => user.uuid === uuid),
  );
}

function unfitDevice(
  { path, bytes: neededBytes }: StoredDevice,
  state: DeviceState,
): readonly DeviceMisfit[] {
  switch (state.kind) {
    case "missing":
      return [{ kind: "no-device", path, neededBytes }];
    case "other":
      return [{ kind: "not-a-device", path }];
    case "unknown":
      return [{ kind: "device-unknown", path, detail: state.detail }];
    case "device": {
      const { bytes, isReadOnly, uses } = state;
      return [
        ...(bytes < neededBytes ? [{ kind: "device-too-small", path, bytes, neededBytes } as const] : []),
        ...(isReadOnly ? [{ kind: "device-read-only", path } as const] : []),
        // That it is claimed is said only where nobody knows by whom.
        ...uses
          .filter(({ kind }) => kind !== "claimed" || uses.length === 1)
          .map((use): DeviceMisfit => ({ kind: "device-used", path, use })),
      ];
    }
  }
}

function otherUses(
  path: string,
  state: DeviceState,
  { wanted: { replaced }, here, facts }: { wanted: WantedDevices; here: Here; facts: DeviceFacts },
): readonly DeviceMisfit[] {
  const users = usersOf(state, here, facts);
  const others = users.filter(({ uuid }) => uuid !== replaced?.uuid).map(({ name }) => name);
  const isReplacedThere = users.some(({ uuid }) => uuid === replaced?.uuid);
  return [
    ...(others.length > 0 ? [{ kind: "device-shared", path, vms: [...new Set(others)] } as const] : []),
    ...(replaced !== undefined && isReplacedThere
      ? [
          {
            kind: "device-of-replaced",
            ...{ path, name: replaced.name },
            hasVariables: replaced.inactiveDomain.nvramPath !== undefined,
          } as const,
        ]
      : []),
    ...here.unreadable.map(({ name, uuid, detail }): DeviceMisfit => ({
      ...{ kind: "device-unsure", path, vm: name ?? uuid, detail },
    })),
  ];
}

function usersOf(
  state: DeviceState,
  { imageUsers }: Pick<HostFacts, "imageUsers">,
  { volumeUsers }: DeviceFacts,
): readonly { readonly uuid: string; readonly name: string }[] {
  if (state.kind !== "device") return [];
  return state.kin
    .map((number) => `block ${number}`)
    .flatMap((identity) => [...(imageUsers.get(identity) ?? []), ...(volumeUsers.get(identity) ?? [])]);
}

function twins(
  path: string,
  state: DeviceState,
  before: readonly (readonly [path: string, state: DeviceState | undefined])[],
): readonly DeviceMisfit[] {
  if (state.kind !== "device") return [];
  return before
    .filter(([, twin]) => twin?.kind === "device" && twin.kin.some((number) => state.kin.includes(number)))
    .map(([otherPath]): DeviceMisfit => ({ kind: "device-twice", path, otherPath }));
}
