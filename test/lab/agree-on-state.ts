import { bringUpBridge, bringUpInnerBridge } from "./lab-network.ts";
import { bastionName } from "./lab-place.ts";
import type { LabPlace } from "./lab-place.ts";
import { LabRefusal } from "./lab-refusal.ts";
import { readState, writeState } from "./lab-state.ts";
import type { HostState, LabState } from "./lab-state.ts";
import type { LabWish } from "./lab.ts";
import { suiteRoot } from "./suite-root.ts";

/**
 * What the laboratory is to remember, given what it has and what is wished; its networks are up then. Hosts keep their
 * place in the list for ever, because their addresses follow from it; new ones are added at its end.
 */
export async function agreeOnState(place: LabPlace, wish: LabWish): Promise<LabState> {
  const before = await readState(place);
  const way = wayIn(place, wish, before);
  const hosts: HostState[] = [...(before?.hosts ?? [])];
  for (const { name, suite } of wish.hosts) {
    if (name === bastionName && way.hasBastion)
      throw new LabRefusal(`Cannot name a hypervisor "${name}": the bastion has that name`);
    const known = hosts.find((host) => host.name === name);
    if (known === undefined)
      hosts.push({ name, suite: suite ?? "machine", lower: await suiteRoot(suite ?? "machine") });
    else if (known.suite !== (suite ?? known.suite)) {
      throw new LabRefusal(
        `Cannot make "${name}" a ${suite} host: it is a ${known.suite} host. Take the lab down first`,
      );
    }
  }
  const state = { subnet: await bringUpBridge(place, before?.subnet), hosts, ...way };
  if (way.hasBastion) await bringUpInnerBridge(place);
  await writeState(place, state);
  return state;
}

/** Hosts that were made are reached as they were made; who asks for nothing takes them so. */
function wayIn(
  place: LabPlace,
  wish: LabWish,
  before: LabState | undefined,
): { readonly hasBastion: boolean; readonly login?: string } {
  const hasBastion = wish.hasBastion ?? before?.hasBastion ?? false;
  const login = wish.login ?? before?.login;
  if (before !== undefined && (hasBastion !== (before.hasBastion ?? false) || login !== before.login))
    throw new LabRefusal(
      `Cannot change how the hosts of lab "${place.id}" are reached (bastion, login). Take the lab down first`,
    );
  return { hasBastion, ...(login === undefined ? {} : { login }) };
}
