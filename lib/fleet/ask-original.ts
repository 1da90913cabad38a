// Read-only questions to the host on which a VM is to be what it was: what is there in its place.

import { dirname } from "node:path/posix";
import type { HostShell } from "../backup/ports.ts";
import type { HostFacts } from "../model/vm.ts";
import { readStamp, stampCommand } from "../hypervisor/image-stamp.ts";
import { sharedFiles } from "../plan/original-files.ts";
import type { HostFile, OriginalFacts } from "../plan/original-facts.ts";
import { originalFolder } from "../plan/plan-original.ts";
import { tpmFolderOf } from "../plan/restored-tpm.ts";
import type { StoredVm } from "../plan/stored-vm.ts";
import type { PathKind } from "../plan/target-facts.ts";
import { askDevices } from "./ask-devices.ts";
import { Batch } from "./batch.ts";
import { surveyHost } from "./survey.ts";

const kindOfPath = `
if [ -L "$1" ]; then echo other; elif [ -f "$1" ]; then echo file; elif [ -d "$1" ]; then echo folder
elif [ -e "$1" ]; then echo other; else echo missing; fi`;

/** The slowest disk that anybody waits for. */
const leastBytesPerSecond = 4 * 1024 * 1024;

/** Asks for all VMs of the host, and what is at each path. @throws BackupError as `surveyHost` does. */
export async function askOriginal(
  shell: HostShell,
  uri: string,
  stored: StoredVm,
): Promise<Omit<OriginalFacts, "elsewhere" | "unasked">> {
  const here = await surveyHost(shell, { uri, overlayDirectoryOf: () => undefined });
  const { manifest, domain } = stored;
  const named = [
    ...manifest.disks.flatMap(({ layers }) => layers.map(({ sourcePath }) => sourcePath)),
    ...manifest.bootFiles.map(({ sourcePath }) => sourcePath),
    ...[{ uuid: manifest.vm.uuid, domain }, ...ownDomains(here, manifest.vm)].flatMap((one) =>
      [one.domain.nvramPath, tpmFolderOf(one, uri)].filter((path) => path !== undefined),
    ),
  ];
  const paths = [...new Set(named)].filter((path) => path.startsWith("/") && !path.includes("\0"));
  const folders = [...new Set([...paths.map((path) => dirname(path)), originalFolder(stored)])];
  const batch = new Batch();
  const kinds = paths.map((path) => [path, batch.ask(["sh", "-c", kindOfPath, "sh", path])] as const);
  const stamps = new Map(paths.map((path) => [path, batch.ask(stampCommand(path))]));
  const spaces = folders.map((path) => [path, batch.ask(["df", "-P", "-k", path])] as const);
  await batch.send(shell);
  const files = new Map<string, HostFile>();
  for (const [path, kind] of kinds) {
    const stamp = stamps.get(path)?.();
    const found = stamp?.code === 0 ? readStamp(stamp.stdout) : undefined;
    const isAlike = sharedFiles(stored).some((file) => file.path === path && file.bytes === found?.bytes);
    const sha256 = isAlike ? await hashOnHost(shell, path, found?.bytes ?? 0) : undefined;
    files.set(path, { kind: readKind(kind().stdout), identity: found?.identity, sha256 });
  }
  return {
    ...{ here, files },
    devices: await askDevices(shell, uri, { stored, here }),
    folders: new Map(spaces.flatMap(([path, answer]) => readSpace(path, answer().stdout))),
  };
}

function ownDomains({ vms }: HostFacts, { name, uuid }: { readonly name: string; readonly uuid: string }) {
  return vms
    .filter((vm) => vm.name === name || vm.uuid === uuid.toLowerCase())
    .map(({ uuid, inactiveDomain }) => ({ uuid, domain: inactiveDomain }));
}

async function hashOnHost(shell: HostShell, path: string, bytes: number): Promise<string | undefined> {
  const deadlineSeconds = 120 + Math.ceil(bytes / leastBytesPerSecond);
  const { code, stdout } = await shell.run(["sh", "-c", 'sha256sum <"$1"', "sh", path], { deadlineSeconds });
  return code === 0 ? /^([0-9a-f]{64}) /.exec(stdout)?.[1] : undefined;
}

const kinds: readonly PathKind[] = ["folder", "file", "other", "missing"];

/** What cannot be told counts as something that is there. */
function readKind(text: string): PathKind {
  return kinds.find((kind) => kind === text.trim()) ?? "other";
}

/** POSIX `df -P`: device, total, used and available in KiB, share, mount point. */
function readSpace(
  path: string,
  text: string,
): OriginalFacts["folders"] extends ReadonlyMap<string, infer Folder>
  ? readonly (readonly [string, Folder])[]
  : never {
  const [, available, mount = ""] =
    /^.+?\s+\d+\s+\d+\s+(\d+)\s+\d+%\s+(.+)$/m.exec(text.split("\n")[1] ?? "") ?? [];
  return available === undefined ? [] : [[path, { mount, freeBytes: Number(available) * 1024 }]];
}
