// Survey, second and third question: the images of all VMs, their chains, snapshots and block jobs; then the state of
// every image file that is part of one.

import type { CommandResult, HostShell } from "../backup/ports.ts";
import { diskSources } from "../hypervisor/disk-sources.ts";
import { stampCommand } from "../hypervisor/image-stamp.ts";
import { parseBlockJob } from "../hypervisor/job-progress.ts";
import { parseCurrentSnapshot } from "../hypervisor/parse-virsh.ts";
import { chainInfo, forceShareVersion } from "../hypervisor/qemu-img.ts";
import { type ChainReading, readChain } from "../hypervisor/read-chain.ts";
import { isAtLeast } from "../hypervisor/versions.ts";
import type { VirshCommands } from "../hypervisor/virsh.ts";
import type { HostVersions } from "../model/host.ts";
import type { DomainDisk } from "../model/vm.ts";
import { overlayDirectory, type OverlayDirectoryOf } from "../plan/overlay-directory.ts";
import { Batch } from "./batch.ts";
import type { VmDefinition } from "./read-definitions.ts";

/** What the questions depend on. */
export interface ImageContext {
  readonly commands: VirshCommands;
  readonly versions: HostVersions;
  readonly overlayDirectoryOf: OverlayDirectoryOf;
}

/** The answers of one host, all by path, name or target. */
export interface VmImages {
  readonly definition: VmDefinition;
  readonly chains: ReadonlyMap<string, ChainReading>;
  readonly activeJobs: readonly string[];
  /** What `snapshot-dumpxml` answered, by name. */
  readonly snapshotDumps: ReadonlyMap<string, CommandResult>;
  readonly currentSnapshot: string | undefined;
  /** Every image the VM's disks name or are backed by. */
  readonly paths: readonly string[];
  readonly overlayDirectories: readonly string[];
}

/** What files and folders are like on the host. */
export interface FileFacts {
  readonly stamps: ReadonlyMap<string, CommandResult>;
  /** Free bytes of the file system of each folder that overlays would go to; folders that cannot be asked are missing. */
  readonly freeBytes: ReadonlyMap<string, number>;
}

type IncludedDisk = Extract<DomainDisk, { kind: "included" }>;

/** Asks for the images of all VMs in one round trip. */
export async function readImages(
  shell: HostShell,
  definitions: readonly VmDefinition[],
  context: ImageContext,
): Promise<readonly VmImages[]> {
  const batch = new Batch();
  const pending = definitions.map((definition) => askOne(batch, definition, context));
  await batch.send(shell);
  return pending.map((read) => read());
}

function askOne(batch: Batch, definition: VmDefinition, context: ImageContext): () => VmImages {
  const { uuid, domain, snapshotNames } = definition;
  const canForceShare = isAtLeast(context.versions.qemuImg, forceShareVersion);
  const disks = domain.disks.filter((disk): disk is IncludedDisk => disk.kind === "included");
  const chains = disks.map((disk) => [disk, batch.ask(chainInfo(disk, { canForceShare }))] as const);
  const isActive = definition.state !== "shut-off";
  const jobs = isActive
    ? disks.map(({ target }) => [target, batch.ask(context.commands.blockJob(uuid, target))] as const)
    : [];
  const snapshots = snapshotNames.map(
    (name) => [name, batch.ask(context.commands.snapshotXml(uuid, name))] as const,
  );
  // It fails where there are none.
  const current = snapshotNames.length === 0 ? undefined : batch.ask(context.commands.snapshotCurrent(uuid));
  return () => {
    const readings = new Map(chains.map(([disk, answer]) => [disk.target, toReading(disk, answer())]));
    return {
      definition,
      chains: readings,
      activeJobs: [
        ...disks.filter((disk) => disk.hasMirror).map(({ target }) => target),
        ...jobs
          .filter(([, answer]) => answer().code === 0 && parseBlockJob(answer().stdout) !== undefined)
          .map(([target]) => target),
      ],
      snapshotDumps: new Map(snapshots.map(([name, answer]) => [name, answer()])),
      currentSnapshot: current?.().code === 0 ? parseCurrentSnapshot(current().stdout) : undefined,
      paths: imagePaths(definition, readings),
      overlayDirectories: [
        ...new Set(
          disks.map((disk) => overlayDirectory(disk, domain.disks, context.overlayDirectoryOf(domain.name))),
        ),
      ],
    };
  };
}

function toReading(disk: IncludedDisk, answer: CommandResult): ChainReading {
  if (answer.code === 0) return readChain(disk, answer.stdout);
  return { kind: "trouble", detail: answer.stderr.trim().split("\n").at(-1) ?? "" };
}

function imagePaths(definition: VmDefinition, chains: ReadonlyMap<string, ChainReading>): readonly string[] {
  const layers = [...chains.values()].flatMap((reading) => (reading.kind === "chain" ? reading.layers : []));
  const named = [...diskSources(definition.liveXml), ...diskSources(definition.inactiveXml)];
  return [...new Set([...layers.map(({ path }) => path), ...named])];
}

/** Asks for the state of every image and the room for overlays in one round trip. */
export async function readFiles(shell: HostShell, images: readonly VmImages[]): Promise<FileFacts> {
  const batch = new Batch();
  const paths = [...new Set(images.flatMap((vm) => vm.paths))].filter((path) => path.startsWith("/"));
  const stamps = paths.map((path) => [path, batch.ask(stampCommand(path))] as const);
  const directories = [...new Set(images.flatMap((vm) => vm.overlayDirectories))];
  const spaces = directories.map((path) => [path, batch.ask(["df", "-P", "-k", path])] as const);
  await batch.send(shell);
  return {
    stamps: new Map(stamps.map(([path, answer]) => [path, answer()])),
    freeBytes: new Map(spaces.flatMap(([path, answer]) => freeBytesOf(path, answer()))),
  };
}

/** POSIX `df -P`: a heading, then device, total, used and available in KiB, share, mount point. */
function freeBytesOf(path: string, answer: CommandResult): readonly (readonly [string, number])[] {
  const available = /^.+?\s+\d+\s+\d+\s+(\d+)\s+\d+%\s/m.exec(answer.stdout)?.[1];
  return answer.code === 0 && available !== undefined ? [[path, Number(available) * 1024]] : [];
}
