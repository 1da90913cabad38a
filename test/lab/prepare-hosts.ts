import { guestBootFiles } from "./guest-boot-files.ts";
import { knownHostsLines, prepareHostFiles } from "./host-files.ts";
import type { HostSeed } from "./host-files.ts";
import { inParallel } from "./in-parallel.ts";
import { addressOfCard, bastionCards } from "./lab-cards.ts";
import { bastionName, bastionPlace, hostPlace } from "./lab-place.ts";
import type { LabPlace } from "./lab-place.ts";
import { addressOf } from "./lab-state.ts";
import type { LabState } from "./lab-state.ts";
import { writeSshFiles } from "./ssh-files.ts";
import type { SshEntry } from "./ssh-files.ts";

/** Lays out the folders of all hosts, and writes how `ssh` gets to them. */
export async function prepareHosts(place: LabPlace, state: LabState): Promise<void> {
  const etcHosts = state.hosts.map((host, index) => `${addressOf(state, index)} ${host.name}\n`).join("");
  const isClosed = state.login !== undefined;
  const options = { identityFile: place.identityFile, etcHosts, isClosed };
  const guest = await guestBootFiles();
  const through = state.hasBastion === true ? bastionName : undefined;
  const entries = await inParallel(2, state.hosts, async ({ name, lower }, index): Promise<SshEntry> => {
    const host = hostPlace(place, name, index);
    await prepareHostFiles(host, { ...options, lower, guest });
    const address = addressOf(state, index);
    const knownHosts = await knownHostsLines(host, address);
    return { name, address, knownHosts, login: state.login ?? "root", through };
  });
  const bastion = { ...options, lower: "/", guest: undefined };
  const more = state.hasBastion === true ? [await prepareBastion(place, state, bastion)] : [];
  await writeSshFiles(place, [...entries, ...more]);
}

async function prepareBastion(place: LabPlace, { subnet }: LabState, seed: HostSeed): Promise<SshEntry> {
  const bastion = bastionPlace(place);
  await prepareHostFiles(bastion, seed);
  const address = addressOfCard(bastionCards(place, bastion, subnet)[0]!);
  const knownHosts = await knownHostsLines(bastion, address);
  return { name: bastionName, address, knownHosts, login: "root", through: undefined };
}
