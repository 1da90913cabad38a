// Survey, second question: the definitions and states of all VMs, in one round trip.

import type { CommandResult, HostShell } from "../backup/ports.ts";
import { parseDomain } from "../hypervisor/domain-xml.ts";
import {
  parseCurrentSnapshot,
  parseDomainInfo,
  parseDomainState,
  parseNames,
} from "../hypervisor/parse-virsh.ts";
import type { VirshCommands } from "../hypervisor/virsh.ts";
import type { Domain, UnreadableVm, VmFacts } from "../model/vm.ts";
import type { Command } from "../shell/command.ts";
import { answerText } from "./answer-text.ts";
import { whyUnreadable } from "./understood.ts";

/** What libvirt says of a VM, before anybody looked at its images. */
export type VmDefinition = Omit<
  VmFacts,
  "activeJobs" | "chains" | "chainTroubles" | "snapshots" | "freeBytes"
> & {
  readonly snapshotNames: readonly string[];
  /** The definition in force, as text: what all its disks name. */
  readonly liveXml: string;
};

/** What is asked of each VM. */
export interface DefinitionQuestion {
  readonly uuids: readonly string[];
  readonly knowsCheckpoints: boolean;
}

/** What libvirt says of the VMs that are still there; one that went away since it was listed is left out. */
export async function readDefinitions(
  shell: HostShell,
  commands: VirshCommands,
  { uuids, knowsCheckpoints }: DefinitionQuestion,
): Promise<{ readonly definitions: readonly VmDefinition[]; readonly unreadable: readonly UnreadableVm[] }> {
  const questions = uuids.map((uuid): readonly Command[] => [
    commands.domainState(uuid),
    commands.domainInfo(uuid),
    commands.dumpXml(uuid),
    commands.dumpInactiveXml(uuid),
    commands.snapshotNames(uuid),
    commands.snapshotCurrent(uuid),
    knowsCheckpoints ? commands.checkpointNames(uuid) : ["true"],
  ]);
  const width = questions[0]?.length ?? 0;
  const answers = await shell.runAll(questions.flat(), { deadlineSeconds: 60 });
  return readEach(uuids, (_, index) => readOne(answers.slice(index * width, (index + 1) * width)));
}

function readEach(
  uuids: readonly string[],
  read: (uuid: string, index: number) => readonly VmDefinition[],
): { readonly definitions: readonly VmDefinition[]; readonly unreadable: readonly UnreadableVm[] } {
  const definitions: VmDefinition[] = [];
  const unreadable: UnreadableVm[] = [];
  for (const [index, uuid] of uuids.entries()) {
    try {
      definitions.push(...read(uuid, index));
    } catch (error) {
      unreadable.push({ uuid, name: undefined, detail: whyUnreadable(error) });
    }
  }
  return { definitions, unreadable };
}

function readOne(answers: readonly CommandResult[]): readonly VmDefinition[] {
  const [state, info, live, inactive, names, current, checkpoints] = answers;
  if (state?.code !== 0) return [];
  const liveXml = answerText("virsh dumpxml", live);
  const inactiveXml = answerText("virsh dumpxml --inactive", inactive);
  const domain: Domain = parseDomain(liveXml);
  return [
    {
      name: domain.name,
      uuid: domain.uuid,
      ...parseDomainState(state.stdout),
      ...parseDomainInfo(answerText("virsh dominfo", info)),
      checkpoints: checkpoints?.code === 0 ? parseNames(checkpoints.stdout) : [],
      domain,
      inactiveDomain: parseDomain(inactiveXml),
      inactiveXml,
      liveXml,
      snapshotNames: parseNames(answerText("virsh snapshot-list", names)),
      currentSnapshot: current?.code === 0 ? parseCurrentSnapshot(current.stdout) : undefined,
    },
  ];
}
