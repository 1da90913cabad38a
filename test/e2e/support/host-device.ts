// A block device of a host, as LVM would have one: a loop device over a file of the host, by a name of its own.

import type { LabHost } from "../../lab/lab-host.ts";

export interface HostDevice {
  readonly host: LabHost;
  /** A link, as those of LVM are. */
  readonly path: string;
  /** What it leads to. */
  readonly node: string;
}

const make = `set -e
mkdir -p /srv/devices
truncate -s "$2M" "/srv/devices/$1"
node=$(losetup --find --show "/srv/devices/$1")
ln -sfn "$node" "/dev/lab/$1"
echo "$node"`;

/** Makes one that is full of garbage. */
export async function makeHostDevice(host: LabHost, name: string, mebibytes: number): Promise<HostDevice> {
  const node = (await host.check(["sh", "-c", make, "sh", name, String(mebibytes)])).trim();
  const device = { host, path: `/dev/lab/${name}`, node };
  await fillWithGarbage(device);
  return device;
}

/** As if somebody had put something else there. */
export async function fillWithGarbage({ host, node }: Pick<HostDevice, "host" | "node">): Promise<void> {
  const text = 'dd if=/dev/urandom of="$1" bs=1M conv=fsync 2>/dev/null; [ -b "$1" ]';
  await host.check(["sh", "-c", text, "sh", node]);
}

/** The checksum of its first bytes; of all of it when none are told. */
export async function sumOfDevice({ host, node }: HostDevice, bytes?: number): Promise<string> {
  const text =
    'blockdev --flushbufs "$1" && { if [ "$2" ]; then head -c "$2" <"$1"; else cat <"$1"; fi; } | sha256sum';
  const sum = await host.check(["sh", "-c", text, "sh", node, bytes === undefined ? "" : String(bytes)]);
  return sum.slice(0, 64);
}

/** Takes it away; harmless when there is none. */
export async function removeHostDevice(device: HostDevice | undefined): Promise<void> {
  if (device === undefined) return;
  const { host, path, node } = device;
  await host.run(["losetup", "--detach", node]);
  await host.run(["rm", "-f", "--", path, path.replace("/dev/lab/", "/srv/devices/")]);
}
