import { appendFile, mkdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { attachLoop, blockDeviceList } from "./block-devices.ts";
import { exists } from "./exists.ts";
import { guestDiskTemplate } from "./guest-disk-template.ts";
import type { LabHost } from "./lab-host.ts";
import type { HostPlace } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";
import type { DiskSpec } from "./vm-spec.ts";

/** Makes the files of a disk in a host, from the base of its chain up to the top; what existed at its path is replaced. */
export async function makeDisk(host: LabHost, place: HostPlace, disk: DiskSpec): Promise<void> {
  const layers = [{ path: disk.path, format: disk.format }, ...(disk.backing ?? [])].reverse();
  for (const [depth, layer] of layers.entries()) {
    const shared = layer.path !== disk.path;
    await (shared ? once(host.path(layer.path), makeLayer) : makeLayer());

    async function makeLayer(): Promise<void> {
      const file = host.path(layer.path);
      if (shared && (await exists(file))) return;
      await mkdir(dirname(file), { recursive: true });
      await rm(file, { force: true });
      const below = layers[depth - 1];
      if (below === undefined) await makeBase(file, layer.format, disk);
      else await makeOverlay(host, layer, below);
    }
  }
  if (disk.blockDevice !== undefined)
    await plugBlockDevice(host, place, disk.blockDevice, host.path(disk.path));
}

type Layer = { readonly path: string; readonly format: DiskSpec["format"] };

const underWay = new Map<string, Promise<void>>();

/** Two VMs that are made at the same time wait for one base, instead of each making it. */
function once(file: string, make: () => Promise<void>): Promise<void> {
  const running = underWay.get(file) ?? make().finally(() => underWay.delete(file));
  underWay.set(file, running);
  return running;
}

/** Made inside the host: the names in a chain are the host's. */
async function makeOverlay(host: LabHost, layer: Layer, below: Layer): Promise<void> {
  const options = ["-q", "-f", layer.format, "-b", below.path, "-F", below.format] as const;
  await host.check(["qemu-img", "create", ...options, layer.path]);
}

/** A base is whole when it has its name: a shared one that a crash left half-made would be taken for the real one. */
async function makeBase(file: string, format: DiskSpec["format"], disk: DiskSpec): Promise<void> {
  const making = `${file}.making`;
  if (disk.device === "cdrom" || disk.device === "floppy") {
    await writeFile(making, "A medium of the laboratory\n");
    await truncate(making, disk.device === "floppy" ? 1440 * 1024 : disk.sizeMib * 1024 * 1024);
  } else {
    const template = await guestDiskTemplate(disk.sizeMib, disk.payloadMib ?? 0);
    if (format === "raw") await runChecked(["cp", "--sparse=always", template, making]);
    else await runChecked(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", template, making]);
  }
  await rename(making, file);
}

async function plugBlockDevice(host: LabHost, place: HostPlace, name: string, file: string): Promise<void> {
  const device = await attachLoop(file);
  const list = await readFile(blockDeviceList(place), "utf8");
  if (!list.includes(` ${file}\n`)) await appendFile(blockDeviceList(place), `${name} ${device} ${file}\n`);
  await host.check(["ln", "-sfn", device, `/dev/lab/${name}`]);
}
