// Read-only questions to a host: all that is needed of it, with all its VMs, in three remote commands, however
// many VMs there are: the host and its VMs, their images, the files of those.

import type { HostShell } from "../backup/ports.ts";
import { parseUuids } from "../hypervisor/parse-virsh.ts";
import { parseQemuImgVersion, parseRsyncVersion, parseVirshVersion } from "../hypervisor/versions.ts";
import { answersOfOneVirsh, inOneVirsh, virsh, type VirshCommands } from "../hypervisor/virsh.ts";
import { listGuardsCommand, parseGuardReport } from "../guard/leftovers.ts";
import { BackupError } from "../model/failure.ts";
import type { GuardFacts } from "../model/guard.ts";
import type { HostVersions } from "../model/host.ts";
import type { HostFacts } from "../model/vm.ts";
import type { OverlayDirectoryOf } from "../plan/overlay-directory.ts";
import { askListed, type ListedAnswers } from "../shell/ask-listed.ts";
import { assembleFacts } from "./assemble-facts.ts";
import { definitionQuestions, readDefinitions } from "./read-definitions.ts";
import { readFiles, readImages } from "./read-images.ts";
import { asFailureOf } from "./understood.ts";

/** What a survey depends on besides the host. */
export interface SurveyOptions {
  readonly uri: string;
  readonly overlayDirectoryOf: OverlayDirectoryOf;
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
  const { versions, guards, vms } = await askHost(shell, commands, options);
  try {
    const { definitions, unreadable } = readDefinitions(vms);
    const images = await readImages(shell, definitions, { ...options, commands, versions });
    const facts = assembleFacts(images, await readFiles(shell, images));
    return { versions, guards, ...facts, unreadable: [...unreadable, ...facts.unreadable] };
  } catch (error) {
    throw asFailureOf(shell.name, error);
  }
}

interface HostAnswer {
  readonly versions: HostVersions;
  readonly guards: readonly GuardFacts[];
  /** What libvirt answered about each VM, by UUID. */
  readonly vms: ListedAnswers["each"];
}

async function askHost(
  shell: HostShell,
  commands: VirshCommands,
  { uri, uuids, isWithoutRsync }: SurveyOptions,
): Promise<HostAnswer> {
  const { once, list, each } = await askListed(shell, {
    once: [commands.version(), ["qemu-img", "--version"], ["rsync", "--version"], await listGuardsCommand()],
    list: commands.listUuids(),
    items: uuids,
    each: (uuid) => definitionQuestions(commands, uuid),
    probe: commands.probeCheckpoints(),
    eachIfProbed: (uuid) => [commands.checkpointNames(uuid)],
    together: { command: inOneVirsh, answers: answersOfOneVirsh },
  });
  const [version, qemuImg, rsync, guards] = once;
  const tools = { virsh: version, "qemu-img": qemuImg, ...(isWithoutRsync === true ? {} : { rsync }) };
  for (const [tool, answer] of Object.entries(tools)) {
    if (answer?.code === 127) throw new BackupError({ kind: "tool-missing", where: shell.name, tool });
  }
  if (list.code !== 0) {
    const detail = list.stderr.trim().split("\n").at(-1) ?? "";
    throw new BackupError({ kind: "libvirt-unreachable", host: shell.name, uri, detail });
  }
  const wanted = uuids ?? parseUuids(list.stdout);
  return {
    versions: {
      ...parseVirshVersion(version?.stdout ?? ""),
      qemuImg: parseQemuImgVersion(qemuImg?.stdout ?? ""),
      rsync: parseRsyncVersion(rsync?.stdout ?? ""),
    },
    guards: parseGuardReport(guards?.stdout ?? "").guards,
    vms: new Map(wanted.map((uuid) => [uuid, each.get(uuid) ?? []])),
  };
}
