import { createHash } from "node:crypto";
import type { Card } from "./lab-cards.ts";
import type { HostPlace, LabPlace } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";
import { withLock } from "./with-lock.ts";

/** The bridge of a laboratory, made when it is not there. Returns the first three numbers of its /24, "10.213.7". */
export async function bringUpBridge(place: LabPlace, preferred: string | undefined): Promise<string> {
  return withLock("network.lock", 60, async () => {
    const addresses = await addressesHere();
    const own = addresses.find((entry) => entry.device === place.bridge);
    if (own !== undefined) return own.address.split(".").slice(0, 3).join(".");
    const subnet = [...candidates(place, preferred)].find(
      (candidate) => !addresses.some((entry) => entry.address.startsWith(`${candidate}.`)),
    );
    if (subnet === undefined) throw new Error("Cannot find a free network for the lab in 10.213.0.0/16");
    await runChecked(["ip", "link", "delete", place.bridge]).catch(() => undefined); // half-made: it has no address
    await runChecked(["ip", "link", "add", place.bridge, "type", "bridge"]);
    await runChecked(["ip", "link", "set", place.bridge, "up"]);
    await runChecked(["ip", "address", "add", `${subnet}.1/24`, "dev", place.bridge]);
    return subnet;
  });
}

/** The bridge behind the bastion, made when it is not there. It has no address: nobody gets past it from outside. */
export async function bringUpInnerBridge(place: LabPlace): Promise<void> {
  const { innerBridge } = place;
  await runChecked(["ip", "link", "add", innerBridge, "type", "bridge"]).catch(() => undefined);
  await runChecked(["ip", "link", "set", innerBridge, "up"]);
}

/** A network namespace for a host with its cables plugged in, made anew so that no old connection lives in it. */
export async function plugIn(host: HostPlace, cards: readonly Card[]): Promise<void> {
  await unplug(host, cards);
  const inside = ["ip", "-n", host.namespace] as const;
  await runChecked(["ip", "netns", "add", host.namespace]);
  await runChecked([...inside, "link", "set", "lo", "up"]);
  for (const { device, cable, bridge, address } of cards) {
    const other = ["peer", "name", device, "netns", host.namespace] as const;
    await runChecked(["ip", "link", "add", cable, "type", "veth", ...other]);
    // The same hardware address after a reboot: nobody's ARP table goes stale.
    await runChecked([...inside, "link", "set", device, "address", hardwareAddress(host, device)]);
    await runChecked(["ip", "link", "set", cable, "master", bridge, "up"]);
    await runChecked([...inside, "link", "set", device, "up"]);
    await runChecked([...inside, "address", "add", address, "dev", device]);
  }
}

/** Takes the cables and the network namespace away. Harmless when there are none. */
export async function unplug(host: HostPlace, cards: readonly Card[]): Promise<void> {
  for (const { cable } of cards) await runChecked(["ip", "link", "delete", cable]).catch(() => undefined);
  await runChecked(["ip", "netns", "delete", host.namespace]).catch(() => undefined);
}

function* candidates(place: LabPlace, preferred: string | undefined): Generator<string> {
  if (preferred !== undefined) yield preferred;
  const start = Number.parseInt(place.tag.slice(0, 2), 16);
  for (let step = 0; step < 256; step++) yield `10.213.${(start + step) % 256}`;
}

async function addressesHere(): Promise<{ device: string; address: string }[]> {
  const links = JSON.parse(await runChecked(["ip", "-json", "-4", "address", "show"])) as {
    ifname: string;
    addr_info: { local: string }[];
  }[];
  return links.flatMap((link) =>
    link.addr_info.map((info) => ({ device: link.ifname, address: info.local })),
  );
}

function hardwareAddress(host: HostPlace, device: string): string {
  const hash = createHash("sha256").update(`${host.directory} ${device}`).digest("hex");
  return `02:${(hash.slice(0, 10).match(/../g) ?? []).join(":")}`;
}
