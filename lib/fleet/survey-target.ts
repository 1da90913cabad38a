// Read-only questions to the host on which a VM is to be restored: two round trips.

import type { CommandResult, HostShell } from "../backup/ports.ts";
import { usableCpuModels, usableTpmBackends, type HostNeeds } from "../hypervisor/host-needs.ts";
import type { Plug } from "../hypervisor/detach-interfaces.ts";
import { parseNames, parseUuids } from "../hypervisor/parse-virsh.ts";
import { parseQemuImgVersion, parseRsyncVersion, parseVirshVersion } from "../hypervisor/versions.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { XmlError } from "../hypervisor/xml-error.ts";
import { BackupError } from "../model/failure.ts";
import type { PathKind, TargetFacts } from "../plan/target-facts.ts";
import { Batch } from "./batch.ts";
import { asFailureOf } from "./understood.ts";

/** What is asked. */
export interface TargetQuestion {
  readonly uri: string;
  readonly needs: HostNeeds;
  readonly plugs: readonly Plug[];
  readonly paths: readonly string[];
  /** The first of these that is there takes the images. */
  readonly imageFolders: readonly string[];
}

const kindOfPath = `
if [ -d "$1" ]; then echo folder; elif [ -f "$1" ]; then echo file
elif [ -e "$1" ] || [ -L "$1" ]; then echo other; else echo missing; fi`;

/**
 * Asks a host for what decides whether a VM fits.
 * @throws BackupError `tool-missing`, `libvirt-unreachable`, `connection-lost`, `unexpected-answer`.
 */
export async function surveyTarget(shell: HostShell, question: TargetQuestion): Promise<TargetFacts> {
  const { uri, needs, plugs, imageFolders } = question;
  const commands = virsh(uri);
  const batch = new Batch();
  const version = batch.ask(commands.version());
  const qemuImg = batch.ask(["qemu-img", "--version"]);
  const rsync = batch.ask(["rsync", "--version"]);
  const sha256sum = batch.ask(["sha256sum", "--version"]);
  const uuids = batch.ask(commands.listUuids());
  const names = batch.ask(commands.listNames());
  const capabilities = batch.ask(commands.domainCapabilities(needs.machine));
  const paths = [...new Set([...question.paths, ...imageFolders])];
  const kinds = paths.map((path) => [path, batch.ask(["sh", "-c", kindOfPath, "sh", path])] as const);
  const spaces = imageFolders.map((path) => [path, batch.ask(["df", "-P", "-k", path])] as const);
  const found = plugs.map((plug) => [plug, batch.ask(lookForPlug(plug, uri))] as const);
  await batch.send(shell);
  refuseMissing(shell, { virsh: version(), "qemu-img": qemuImg(), rsync: rsync(), sha256sum: sha256sum() });
  if (uuids().code !== 0) throw unreachable(shell, uri, uuids());
  try {
    const free = new Map(spaces.map(([path, answer]) => [path, freeBytes(answer())]));
    return {
      versions: {
        ...parseVirshVersion(version().stdout),
        qemuImg: parseQemuImgVersion(qemuImg().stdout),
        rsync: parseRsyncVersion(rsync().stdout),
      },
      vms: await nameEach(shell, {
        uri,
        uuids: parseUuids(uuids().stdout),
        names: parseNames(names().stdout),
      }),
      machineTrouble: capabilities().code === 0 ? undefined : lastLine(capabilities().stderr),
      cpuModels: capabilities().code === 0 ? usableCpuModels(capabilities().stdout) : [],
      tpmBackends: capabilities().code === 0 ? usableTpmBackends(capabilities().stdout) : [],
      paths: new Map(kinds.map(([path, answer]) => [path, readKind(answer())])),
      freeBytes: imageFolders.map((path) => free.get(path)).find((bytes) => bytes !== undefined),
      missingPlugs: found.flatMap(([plug, answer]) => (answer().code === 0 ? [] : [plug])),
    };
  } catch (error) {
    throw error instanceof XmlError ? asFailureOf(shell.name, error) : error;
  }
}

/** Which name belongs to which VM. A VM that went away meanwhile is left out. */
async function nameEach(
  shell: HostShell,
  {
    uri,
    uuids,
    names,
  }: { readonly uri: string; readonly uuids: readonly string[]; readonly names: readonly string[] },
): Promise<TargetFacts["vms"]> {
  const answers = await shell.runAll(names.map((name) => virsh(uri).domainUuid(name)));
  const named = names.flatMap((name, index) => {
    const uuid = answers[index]?.stdout.trim() ?? "";
    return answers[index]?.code === 0 ? [{ name, uuid }] : [];
  });
  const others = uuids.filter((uuid) => !named.some((vm) => vm.uuid === uuid));
  return [...named, ...others.map((uuid) => ({ name: "", uuid }))];
}

function lookForPlug({ kind, name }: Plug, uri: string): readonly [string, ...string[]] {
  return kind === "network" ? virsh(uri).networkInfo(name) : ["test", "-e", `/sys/class/net/${name}`];
}

function refuseMissing(shell: HostShell, tools: Readonly<Record<string, CommandResult>>): void {
  for (const [tool, { code }] of Object.entries(tools))
    if (code === 127) throw new BackupError({ kind: "tool-missing", where: shell.name, tool });
}

function unreachable(shell: HostShell, uri: string, { stderr }: CommandResult): BackupError {
  return new BackupError({ kind: "libvirt-unreachable", host: shell.name, uri, detail: lastLine(stderr) });
}

const pathKinds: readonly PathKind[] = ["folder", "file", "other", "missing"];

function readKind({ stdout }: CommandResult): PathKind {
  return pathKinds.find((kind) => kind === stdout.trim()) ?? "missing";
}

function freeBytes({ code, stdout }: CommandResult): number | undefined {
  const available = /^.+?\s+\d+\s+\d+\s+(\d+)\s+\d+%\s/m.exec(stdout)?.[1];
  return code === 0 && available !== undefined ? Number(available) * 1024 : undefined;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
