// Survey: the definitions and states of all VMs. What is asked of each, and what the answers say. Pure.

import type { CommandResult } from "../backup/ports.ts";
import { parseDomain } from "../hypervisor/domain-xml.ts";
import {
  parseDomainInfo,
  parseDomainState,
  parseNames,
  saysDomainIsGone,
} from "../hypervisor/parse-virsh.ts";
import type { VirshCommands } from "../hypervisor/virsh.ts";
import type { Domain, UnreadableVm, VmFacts } from "../model/vm.ts";
import type { Command } from "../shell/command.ts";
import { answerText } from "./answer-text.ts";
import { whyUnreadable } from "./understood.ts";

/** What libvirt says of a VM, before anybody looked at its images. */
export type VmDefinition = Omit<
  VmFacts,
  "activeJobs" | "chains" | "chainTroubles" | "snapshots" | "currentSnapshot" | "freeBytes"
> & {
  readonly snapshotNames: readonly string[];
  /** The definition in force, as text: what all its disks name. */
  readonly liveXml: string;
};

/** What is asked of each VM; where libvirt knows checkpoints their names are asked for as well. */
export function definitionQuestions(commands: VirshCommands, uuid: string): readonly Command[] {
  return [
    commands.domainState(uuid),
    commands.domainInfo(uuid),
    commands.dumpXml(uuid),
    commands.dumpInactiveXml(uuid),
    commands.snapshotNames(uuid),
  ];
}

/** What libvirt says of the VMs that are still there; one that went away since it was listed is left out. */
export function readDefinitions(answers: ReadonlyMap<string, readonly CommandResult[]>): {
  readonly definitions: readonly VmDefinition[];
  readonly unreadable: readonly UnreadableVm[];
} {
  const definitions: VmDefinition[] = [];
  const unreadable: UnreadableVm[] = [];
  for (const [uuid, ofVm] of answers) {
    try {
      definitions.push(...readOne(ofVm));
    } catch (error) {
      unreadable.push({ uuid, name: undefined, detail: whyUnreadable(error) });
    }
  }
  return { definitions, unreadable };
}

function readOne(answers: readonly CommandResult[]): readonly VmDefinition[] {
  const [state, info, live, inactive, names, checkpoints] = answers;
  if (state !== undefined && saysDomainIsGone(state)) return [];
  const stateText = answerText("virsh domstate", state);
  const liveXml = answerText("virsh dumpxml", live);
  const inactiveXml = answerText("virsh dumpxml --inactive", inactive);
  const domain: Domain = parseDomain(liveXml);
  return [
    {
      name: domain.name,
      uuid: domain.uuid,
      ...parseDomainState(stateText),
      ...parseDomainInfo(answerText("virsh dominfo", info)),
      checkpoints: checkpoints?.code === 0 ? parseNames(checkpoints.stdout) : [],
      domain,
      inactiveDomain: parseDomain(inactiveXml),
      inactiveXml,
      liveXml,
      snapshotNames: parseNames(answerText("virsh snapshot-list", names)),
    },
  ];
}
