// Read-only questions about the block devices that disks are to be written back onto.

import type { HostShell } from "../backup/ports.ts";
import { deviceStateCommand, readDeviceState } from "../hypervisor/device-state.ts";
import { readStamp, stampCommand } from "../hypervisor/image-stamp.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { DeviceMisfit } from "../model/device-misfit.ts";
import type { HostFacts, ImageUsers } from "../model/vm.ts";
import { findDeviceMisfits, type DeviceFacts } from "../plan/find-device-misfits.ts";
import { storedDevices } from "../plan/stored-devices.ts";
import type { StoredVm } from "../plan/stored-vm.ts";
import { Batch } from "./batch.ts";
import { surveyHost } from "./survey.ts";

/** Asks nothing for a VM that was on none. */
export async function askDevices(
  shell: HostShell,
  uri: string,
  { stored, here }: { readonly stored: Pick<StoredVm, "manifest">; readonly here: HostFacts },
): Promise<DeviceFacts> {
  const paths = storedDevices(stored)
    .map(({ path }) => path)
    .filter((path) => path.startsWith("/") && !path.includes("\0"));
  if (paths.length === 0) return { states: new Map(), volumeUsers: new Map() };
  const batch = new Batch();
  const answers = paths.map((path) => [path, batch.ask(deviceStateCommand(path))] as const);
  await batch.send(shell);
  return {
    states: new Map(answers.map(([path, answer]) => [path, readDeviceState(answer())])),
    volumeUsers: await askVolumes(shell, uri, here),
  };
}

/** Asks again what may have changed since the restore was decided: who uses the devices. */
export async function lookAtDevices(
  shell: HostShell,
  uri: string,
  {
    stored,
    overwrites,
  }: { readonly stored: Pick<StoredVm, "manifest">; readonly overwrites: readonly string[] },
): Promise<readonly DeviceMisfit[]> {
  const here = await surveyHost(shell, { uri, overlayDirectoryOf: () => undefined });
  const facts = await askDevices(shell, uri, { stored, here });
  const wanted = { stored, named: overwrites, replaced: undefined };
  return findDeviceMisfits(wanted, here, facts);
}

/** A definition may name a storage pool and a volume in it where others name a path. */
async function askVolumes(shell: HostShell, uri: string, { vms }: HostFacts): Promise<ImageUsers> {
  const used = vms.flatMap(({ uuid, name, domain, inactiveDomain }) =>
    [...domain.disks, ...inactiveDomain.disks].flatMap((disk) => {
      const slash = disk.path?.indexOf("/") ?? -1;
      if (disk.kind === "included" || disk.path === undefined || slash <= 0) return [];
      return [{ user: { uuid, name }, pool: disk.path.slice(0, slash), volume: disk.path.slice(slash + 1) }];
    }),
  );
  if (used.length === 0) return new Map();
  const commands = virsh(uri);
  const places = await shell.runAll(used.map(({ pool, volume }) => commands.volumePath(pool, volume)));
  const paths = places.map(({ code, stdout }) => (code === 0 ? stdout.trim() : ""));
  const stamps = await shell.runAll(paths.map((path) => (path === "" ? ["false"] : stampCommand(path))));
  const users = new Map<string, (typeof used)[number]["user"][]>();
  for (const [index, { user }] of used.entries()) {
    const identity = readStamp(stamps[index]?.stdout ?? "")?.identity;
    if (identity !== undefined) users.set(identity, [...(users.get(identity) ?? []), user]);
  }
  return users;
}
