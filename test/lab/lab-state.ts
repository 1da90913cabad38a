import { readFile, rename, writeFile } from "node:fs/promises";
import type { LabHost, Suite } from "./lab-host.ts";
import { bastionCards, hostCard } from "./lab-cards.ts";
import { bastionPlace, hostPlace } from "./lab-place.ts";
import type { LabPlace } from "./lab-place.ts";
import { openHost } from "./open-host.ts";

/** What a laboratory remembers of itself. It can be lost: taking the laboratory down needs its id only. */
export interface LabState {
  /** The first three numbers of its network. */
  readonly subnet: string;
  readonly hosts: readonly HostState[];
  /** Whether the hosts are reached through a bastion only. */
  readonly hasBastion?: boolean;
  /** The login on the hosts, when it is not root. */
  readonly login?: string;
}

/** A host as it is remembered. Its place in the list gives its address and its cable. */
export interface HostState {
  readonly name: string;
  readonly suite: Suite;
  readonly lower: string;
}

/** What is remembered; undefined when there is nothing, or nothing whole. */
export async function readState(place: LabPlace): Promise<LabState | undefined> {
  try {
    return JSON.parse(await readFile(place.stateFile, "utf8")) as LabState;
  } catch {
    return undefined;
  }
}

/** Remembers it. The file is whole at every moment. */
export async function writeState(place: LabPlace, state: LabState): Promise<void> {
  await writeFile(`${place.stateFile}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${place.stateFile}.new`, place.stateFile);
}

/** The address of the host at this place in the list. */
export function addressOf(state: LabState, index: number): string {
  return `${state.subnet}.${index + 11}`;
}

/** The hypervisors that are remembered, running or not. */
export function hostsOf(place: LabPlace, state: LabState): LabHost[] {
  const isBehindBastion = state.hasBastion === true;
  return state.hosts.map(({ name, suite, lower }, index) => {
    const host = hostPlace(place, name, index);
    const card = hostCard(place, host, { address: addressOf(state, index), isBehindBastion });
    return openHost({
      ...{ lab: place, place: host, cards: [card], suite, lower },
      ...{ role: "hypervisor", isReachable: !isBehindBastion },
    });
  });
}

/** The bastion, running or not; undefined when the laboratory has none. */
export function bastionOf(place: LabPlace, state: LabState): LabHost | undefined {
  if (state.hasBastion !== true) return undefined;
  const bastion = bastionPlace(place);
  const cards = bastionCards(place, bastion, state.subnet);
  return openHost({
    ...{ lab: place, place: bastion, cards, suite: "machine", lower: "/" },
    ...{ role: "bastion", isReachable: true },
  });
}
