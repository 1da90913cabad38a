// Step 2: the clone's folder, and in it overlays on the backup's own images, or copies of them.

import type { Guard } from "../backup/ports.ts";
import { readChain } from "../hypervisor/read-chain.ts";
import { chainInfo } from "../hypervisor/qemu-img.ts";
import { BackupError } from "../model/failure.ts";
import type { DrillOverlay, DrillPlan } from "../model/drill.ts";
import { commandFailed } from "../restore/command-failed.ts";
import { pushImages } from "../restore/2-push-images.ts";
import { verifyImages, type VerifiedImages } from "../restore/3-verify-images.ts";
import { revealTpmFolder } from "../restore/tpm-state.ts";
import type { DrillPorts } from "./ports.ts";

/** Brings everything there that QEMU will open. @throws BackupError of a restore's steps; `image-refused`, `command-failed`. */
export async function bringImages(plan: DrillPlan, guard: Guard, ports: DrillPorts): Promise<VerifiedImages> {
  const { clone, way } = plan;
  const pushed = await pushImages(clone, guard, ports);
  // Undone before the folder that the push has made: from here on there is more in it than was pushed.
  await guard.record([{ verb: "clear-created", uuid: clone.vm.uuid, path: clone.folder.path }]);
  const images = await verifyImages(clone, pushed, ports);
  await bringTpm(plan, guard, ports);
  if (way.kind === "overlay")
    for (const overlay of way.overlays) await layOverlay(plan, overlay, { guard, owner: way.owner, ports });
  const files = plan.serialPath === undefined ? [] : [plan.serialPath];
  const opened = await guard.change([
    "sh",
    "-c",
    openFolder,
    "sh",
    clone.folder.path,
    ownerOf(plan),
    ...files,
  ]);
  if (opened.code !== 0) throw commandFailed(clone, "chmod", opened);
  return images;
}

/** libvirt deletes it with the clone; where it does not, what swtpm puts there goes as well: its lock, and a new state. */
async function bringTpm({ clone }: DrillPlan, guard: Guard, ports: DrillPorts): Promise<void> {
  if (clone.tpmFolder === undefined) return;
  const { stagedPath, inner } = clone.tpmFolder;
  const { uuid } = clone.vm;
  const more = [".lock", inner === "tpm2" ? "TMP2-00.permall" : "TMP-00.permall"];
  await guard.record(
    more.map((name) => ({ verb: "remove-created", uuid, path: `${stagedPath}/${inner}/${name}` })),
  );
  await revealTpmFolder(clone, guard, ports);
}

/** QEMU's own user must get through the folder, and be able to write the log that old libvirt leaves to it. */
const openFolder = `set -e
folder=$1 owner=$2
shift 2
chmod 0711 -- "$folder"
for file; do
  ( umask 077; : >"$file" )
  [ ! "$owner" ] || [ "$(id -u)" != 0 ] || chown "$owner" -- "$file"
done`;

function ownerOf({ way }: DrillPlan): string {
  return way.kind === "overlay" ? way.owner : "";
}

const makeOverlay = `set -e
qemu-img create -q -f qcow2 -b "$2" -F "$3" -- "$1"
chmod 600 -- "$1"
[ "$(id -u)" != 0 ] || chown "$4" -- "$1"`;

async function layOverlay(
  { clone }: DrillPlan,
  { path, layers }: DrillOverlay,
  { guard, owner, ports }: { readonly guard: Guard; readonly owner: string; readonly ports: DrillPorts },
): Promise<void> {
  const [own] = layers;
  if (own === undefined) return;
  const made = await guard.change(["sh", "-c", makeOverlay, "sh", path, own.path, own.format, owner]);
  if (made.code !== 0) throw commandFailed(clone, "qemu-img create", made);
  // The headers were read here; what is opened is what lies there.
  const look = await ports.shell.run(chainInfo({ path, format: "qcow2" }, { canForceShare: false }));
  const reading = look.code === 0 ? readChain({ path, format: "qcow2" }, look.stdout) : undefined;
  const found = reading?.kind === "chain" ? reading.layers.map((layer) => layer.path) : [];
  if (JSON.stringify(found) === JSON.stringify([path, ...layers.map((layer) => layer.path)])) return;
  const detail =
    reading?.kind === "trouble"
      ? reading.detail
      : look.stderr.trim().split("\n").at(-1) || "it is based on something else";
  throw new BackupError({ kind: "image-refused", host: clone.host.name, path: own.path, detail });
}
