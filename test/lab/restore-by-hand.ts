// Brings a VM back from its newest backup with virsh alone, the way docs/restore-by-hand.md tells people to.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toShell, type Command } from "../../lib/shell/command.ts";
import { parseManifest, type Manifest } from "../../lib/store/manifest.ts";
import { openStore } from "../../lib/store/store.ts";
import type { Lab } from "./lab.ts";
import type { LabHost } from "./lab-host.ts";

/** Which VM is lost and brought back, and where each command is shown. */
export interface RestoreWish {
  readonly host: string;
  readonly vm: string;
  readonly show?: (line: string) => void;
}

/** Destroys the VM, defines it from its newest backup with its snapshots, starts it, waits until the guest writes. */
export async function restoreByHand(
  lab: Lab,
  wish: RestoreWish,
): Promise<{ readonly name: string; readonly manifest: Manifest }> {
  const host = lab.hosts.find(({ name }) => name === wish.host);
  if (host === undefined) throw new Error(`Cannot restore on "${wish.host}": the lab has no such host`);
  const { folder, manifest } = await newestBackup(lab, wish);
  const virsh = shownVirsh(host, wish.show ?? (() => undefined));
  await virsh(["destroy", wish.vm], { mayFail: true });
  await virsh(["undefine", wish.vm, "--snapshots-metadata", "--nvram"]);
  await virsh(["define", join(folder, manifest.files.patchedXml.fileName)]);
  for (const { name, fileName } of manifest.snapshots.order) {
    const current = name === manifest.snapshots.current ? ["--current"] : [];
    await virsh([
      "snapshot-create",
      manifest.newName,
      "--xmlfile",
      join(folder, fileName),
      "--redefine",
      ...current,
    ]);
  }
  await virsh(["start", manifest.newName]);
  await host.waitForGuest(wish.vm, { agent: false }); // its serial log keeps its name; the VM does not
  wish.show?.(`guest writes: SEQ ${await host.guestSequence(wish.vm)}`);
  return { name: manifest.newName, manifest };
}

async function newestBackup(
  lab: Lab,
  { host, vm }: RestoreWish,
): Promise<{ folder: string; manifest: Manifest }> {
  const store = await openStore(lab.storeDirectory, { access: "read" });
  const good = (await store.listBackups(host, vm)).filter((entry) => entry.kind === "good");
  const newest = good
    .toSorted((one, other) => one.manifest.startedAt.localeCompare(other.manifest.startedAt))
    .at(-1);
  if (newest === undefined)
    throw new Error(`Cannot restore ${host}/${vm}: the store has no good backup of it`);
  const reading = parseManifest(await readFile(join(newest.path, "manifest.json"), "utf8"));
  if (reading.kind !== "manifest") throw new Error(`Cannot read the manifest of ${newest.path}`);
  return { folder: newest.path, manifest: reading.manifest };
}

type Virsh = (args: readonly string[], options?: { readonly mayFail?: boolean }) => Promise<void>;

function shownVirsh(host: LabHost, show: (line: string) => void): Virsh {
  return async (args, { mayFail = false } = {}) => {
    const command: Command = ["virsh", ...args];
    show(`${host.name}$ ${toShell(command)}`);
    if (mayFail) await host.run(command);
    else show((await host.check(command)).trim());
  };
}
