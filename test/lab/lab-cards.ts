import type { HostPlace, LabPlace } from "./lab-place.ts";

/** A network card of a host, and what its cable is plugged into. */
export interface Card {
  readonly device: "eth0" | "eth1";
  /** The end of the cable that stays on this machine. */
  readonly cable: string;
  readonly bridge: string;
  /** The address with the size of its network, "10.213.7.11/24". */
  readonly address: string;
}

/** The card of a hypervisor. Behind a bastion it is in a network that this machine is not in. */
export function hostCard(
  lab: LabPlace,
  host: HostPlace,
  { address, isBehindBastion }: { readonly address: string; readonly isBehindBastion: boolean },
): Card {
  const bridge = isBehindBastion ? lab.innerBridge : lab.bridge;
  return { device: "eth0", cable: host.cable, bridge, address: `${address}/24` };
}

/**
 * The cards of the bastion: one towards this machine, one towards the hypervisors. All addresses are of one /24, so the
 * first one's network has only this machine and the bastion in it.
 */
export function bastionCards(lab: LabPlace, bastion: HostPlace, subnet: string): readonly Card[] {
  return [
    { device: "eth0", cable: bastion.cable, bridge: lab.bridge, address: `${subnet}.2/30` },
    { device: "eth1", cable: `${bastion.cable}i`, bridge: lab.innerBridge, address: `${subnet}.254/24` },
  ];
}

/** The address of a card without the size of its network. */
export function addressOfCard({ address }: Card): string {
  return address.slice(0, address.indexOf("/"));
}
