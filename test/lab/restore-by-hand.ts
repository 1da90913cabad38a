// Brings a VM back from its newest backup with virsh alone, the way docs/restore-by-hand.md tells people to.

import { join } from "node:path";
import { toShell, type Command } from "../../lib/shell/command.ts";
import type { Manifest } from "../../lib/store/manifest.ts";
import { openStore } from "../../lib/store/store.ts";
import type { Lab } from "./lab.ts";
import type { LabHost } from "./lab-host.ts";

/** Which VM is lost and brought back, and where each command is shown. */
export interface RestoreWish {
  readonly host: string;
  readonly vm: string;
  readonly show?: (line: string) => void;
}

/** A backup in a store. */
export interface FoundBackup {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Destroys the VM, defines it from its newest backup with its snapshots, starts it, waits until the guest writes. */
export async function restoreByHand(
  lab: Lab,
  wish: RestoreWish,
): Promise<{ readonly name: string; readonly manifest: Manifest }> {
  const host = lab.hosts.find(({ name }) => name === wish.host);
  if (host === undefined) throw new Error(`Cannot restore on "${wish.host}": the lab has no such host`);
  const backup = await newestBackup(lab.storeDirectory, wish);
  if (backup === undefined)
    throw new Error(`Cannot restore ${wish.host}/${wish.vm}: the store has no good backup of it`);
  const virsh = shownVirsh(host, wish.show);
  await virsh(["destroy", wish.vm], { mayFail: true });
  await virsh(["undefine", wish.vm, "--snapshots-metadata", "--nvram"]);
  await defineFromBackup(host, backup, wish.show);
  const { manifest } = backup;
  await virsh(["start", manifest.newName]);
  await host.waitForGuest(wish.vm, { agent: false }); // its serial log keeps its name; the VM does not
  wish.show?.(`guest writes: SEQ ${await host.guestSequence(wish.vm)}`);
  return { name: manifest.newName, manifest };
}

/** Defines the VM of a backup, and its snapshots in the manifest's order. */
export async function defineFromBackup(
  host: LabHost,
  { folder, manifest }: FoundBackup,
  show?: (line: string) => void,
): Promise<void> {
  const virsh = shownVirsh(host, show);
  await virsh(["define", join(folder, manifest.files.patchedXml.fileName)]);
  for (const { name, fileName } of manifest.snapshots.order) {
    const current = name === manifest.snapshots.current ? ["--current"] : [];
    const file = ["--xmlfile", join(folder, fileName)];
    await virsh(["snapshot-create", manifest.newName, ...file, "--redefine", ...current]);
  }
}

/** The newest good backup of a VM; undefined when the store has none. */
export async function newestBackup(
  storeDirectory: string,
  { host, vm }: { readonly host: string; readonly vm: string },
): Promise<FoundBackup | undefined> {
  const store = await openStore(storeDirectory, { access: "read" });
  const good = (await store.listBackups(host, vm)).filter((entry) => entry.kind === "good");
  const newest = good
    .toSorted((one, other) => one.manifest.startedAt.localeCompare(other.manifest.startedAt))
    .at(-1);
  return newest && { folder: newest.path, manifest: newest.manifest };
}

type Virsh = (args: readonly string[], options?: { readonly mayFail?: boolean }) => Promise<void>;

function shownVirsh(host: LabHost, show: (line: string) => void = () => undefined): Virsh {
  return async (args, { mayFail = false } = {}) => {
    const command: Command = ["virsh", ...args];
    show(`${host.name}$ ${toShell(command)}`);
    if (mayFail) await host.run(command);
    else show((await host.check(command)).trim());
  };
}
