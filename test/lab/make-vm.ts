import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists } from "./exists.ts";
import type { LabHost } from "./lab-host.ts";
import type { HostPlace } from "./lab-place.ts";
import { growSnapshots } from "./grow-snapshots.ts";
import { makeDisk } from "./make-disk.ts";
import type { VmSpec } from "./vm-spec.ts";
import { startVm, stateOf } from "./vm-state.ts";
import { serialLog, vmXml } from "./vm-xml.ts";

/** Makes a VM anew in a host: disks, definition, snapshots; started if its description says so, but not waited for. */
export async function makeVm(host: LabHost, place: HostPlace, spec: VmSpec): Promise<void> {
  const mark = madeMark(place, spec.name);
  await rm(mark, { force: true });
  await removeVm(host, spec.name);
  for (const disk of spec.disks) await makeDisk(host, place, disk);
  await host.check(["mkdir", "-p", dirname(serialLog(spec.name))]);
  // Our own pipe to it may be a socket, which cannot be opened as a file.
  await host.check(["sh", "-c", "cat | virsh define /dev/stdin"], { input: vmXml(spec) });
  if (spec.snapshots !== undefined) await growSnapshots(host, spec.name, spec.snapshots);
  await mkdir(dirname(mark), { recursive: true });
  await writeFile(mark, "");
  if (spec.running) await startVm(host, spec.name);
}

/** Whether this VM was made to its end and is still defined. */
export async function isMade(host: LabHost, place: HostPlace, name: string): Promise<boolean> {
  return (await exists(madeMark(place, name))) && (await stateOf(host, name)) !== undefined;
}

async function removeVm(host: LabHost, name: string): Promise<void> {
  if ((await stateOf(host, name)) === undefined) return;
  await host.run(["virsh", "destroy", "--domain", name]);
  await host.check([
    "virsh",
    "undefine",
    "--snapshots-metadata",
    "--managed-save",
    "--nvram",
    "--domain",
    name,
  ]);
}

function madeMark(place: HostPlace, name: string): string {
  return join(place.directory, "made", encodeURIComponent(name));
}
