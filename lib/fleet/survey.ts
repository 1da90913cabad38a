// Read-only questions to a host: all that is needed of it, with all its VMs, in four round trips, however many VMs
// there are.

import type { CommandResult, HostShell } from "../backup/ports.ts";
import { parseUuids } from "../hypervisor/parse-virsh.ts";
import { parseQemuImgVersion, parseRsyncVersion, parseVirshVersion } from "../hypervisor/versions.ts";
import { virsh, type VirshCommands } from "../hypervisor/virsh.ts";
import { listGuardsCommand, parseGuardReport } from "../guard/leftovers.ts";
import { BackupError } from "../model/failure.ts";
import type { GuardFacts } from "../model/guard.ts";
import type { HostVersions } from "../model/host.ts";
import type { HostFacts } from "../model/vm.ts";
import { assembleFacts } from "./assemble-facts.ts";
import { Batch } from "./batch.ts";
import { readDefinitions } from "./read-definitions.ts";
import { readFiles, readImages } from "./read-images.ts";
import { asFailureOf } from "./understood.ts";

/** What a survey depends on besides the host. */
export interface SurveyOptions {
  readonly uri: string;
  readonly overlayDirectory: string | undefined;
  /** Looks at these VMs only; at all of them when not given. */
  readonly uuids?: readonly string[];
  /** Whether a host without rsync will do: to put it right nothing is copied. */
  readonly isWithoutRsync?: boolean;
}

/**
 * Asks a host for itself and its VMs.
 * @throws BackupError `tool-missing`, `libvirt-unreachable`, `connection-lost`, `unexpected-answer`.
 */
export async function surveyHost(shell: HostShell, options: SurveyOptions): Promise<HostFacts> {
  const commands = virsh(options.uri);
  const { versions, uuids, knowsCheckpoints, guards } = await askHost(shell, commands, options);
  try {
    const wanted = options.uuids ?? uuids;
    const { definitions, unreadable } = await readDefinitions(shell, commands, {
      uuids: wanted,
      knowsCheckpoints,
    });
    const images = await readImages(shell, definitions, { ...options, commands, versions });
    const facts = assembleFacts(images, await readFiles(shell, images));
    return { versions, guards, ...facts, unreadable: [...unreadable, ...facts.unreadable] };
  } catch (error) {
    throw asFailureOf(shell.name, error);
  }
}

interface HostAnswer {
  readonly versions: HostVersions;
  readonly uuids: readonly string[];
  readonly knowsCheckpoints: boolean;
  readonly guards: readonly GuardFacts[];
}

async function askHost(
  shell: HostShell,
  commands: VirshCommands,
  { uri, isWithoutRsync }: SurveyOptions,
): Promise<HostAnswer> {
  const batch = new Batch();
  const version = batch.ask(commands.version());
  const qemuImg = batch.ask(["qemu-img", "--version"]);
  const rsync = batch.ask(["rsync", "--version"]);
  const checkpoints = batch.ask(commands.probeCheckpoints());
  const uuids = batch.ask(commands.listUuids());
  const guards = batch.ask(await listGuardsCommand());
  await batch.send(shell);
  const tools: Readonly<Record<string, CommandResult>> = {
    virsh: version(),
    "qemu-img": qemuImg(),
    ...(isWithoutRsync === true ? {} : { rsync: rsync() }),
  };
  for (const [tool, { code }] of Object.entries(tools)) {
    if (code === 127) throw new BackupError({ kind: "tool-missing", where: shell.name, tool });
  }
  if (uuids().code !== 0) {
    const detail = uuids().stderr.trim().split("\n").at(-1) ?? "";
    throw new BackupError({ kind: "libvirt-unreachable", host: shell.name, uri, detail });
  }
  return {
    versions: {
      ...parseVirshVersion(version().stdout),
      qemuImg: parseQemuImgVersion(qemuImg().stdout),
      rsync: parseRsyncVersion(rsync().stdout),
    },
    uuids: parseUuids(uuids().stdout),
    knowsCheckpoints: checkpoints().code === 0,
    guards: parseGuardReport(guards().stdout).guards,
  };
}
