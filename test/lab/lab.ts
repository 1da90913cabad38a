// A laboratory: real hypervisors side by side on this machine, each in namespaces of its own.
// Owns what lies in its folder and what carries its tag in its name; touches nothing else of the machine.

import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { guestBootFiles } from "./guest-boot-files.ts";
import { knownHostsLines, prepareHostFiles } from "./host-files.ts";
import { inParallel } from "./in-parallel.ts";
import type { LabHost, Suite } from "./lab-host.ts";
import { bringUpBridge } from "./lab-network.ts";
import { hostPlace, labPlace } from "./lab-place.ts";
import type { LabPlace } from "./lab-place.ts";
import { LabRefusal } from "./lab-refusal.ts";
import { addressOf, hostsOf, readState, writeState } from "./lab-state.ts";
import type { HostState, LabState } from "./lab-state.ts";
import { isMade, makeVm } from "./make-vm.ts";
import { needLabPackages } from "./lab-packages.ts";
import { needRoot } from "./need-root.ts";
import { makeIdentity, writeSshFiles } from "./ssh-files.ts";
import { suiteRoot } from "./suite-root.ts";
import { vmKind, vmKindNames } from "./vm-kinds.ts";
import type { VmSpec } from "./vm-spec.ts";
import { startVm } from "./vm-state.ts";
import { withLock } from "./with-lock.ts";

export { bringDownLab } from "./bring-down-lab.ts";

/** A laboratory that is up. */
export interface Lab {
  readonly id: string;
  readonly directory: string;
  /** A folder that every host sees at the same path. */
  readonly storeDirectory: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly hosts: readonly LabHost[];
}

/** What a laboratory shall have. Without `vms` a host gets every kind. */
export interface LabWish {
  readonly id: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly suite?: Suite;
    readonly vms?: readonly string[];
  }[];
  readonly progress?: (line: string) => void;
}

/** Brings a laboratory up and waits until its guests write. What runs already is reused, so twice is harmless. */
export async function bringUpLab(wish: LabWish): Promise<Lab> {
  const place = labPlace(wish.id);
  const wanted = wishedVms(wish);
  await needLabPackages(
    wish.hosts.map((host) => host.suite ?? "machine"),
    wish.progress,
  );
  return withLock(`lab-${wish.id}.lock`, 600, async () => {
    const progress = wish.progress ?? (() => undefined);
    await mkdir(place.storeDirectory, { recursive: true });
    await makeIdentity(place);
    const state = await agreeOnState(place, wish);
    const hosts = hostsOf(place, state);
    await prepareHosts(place, state);
    const wished = hosts.filter((host) => wish.hosts.some(({ name }) => name === host.name));
    await inParallel(2, wished, async (host) => {
      await host.start();
      progress(`host ${host.name} (${host.suite}) answers at ${host.address}`);
    });
    await bringUpVms(place, wanted, { hosts, progress });
    return labOf(place, hosts);
  });
}

/** A laboratory that was brought up before, as it is now. */
export async function openLab(id: string): Promise<Lab> {
  needRoot();
  const place = labPlace(id);
  const state = await readState(place);
  if (state === undefined)
    throw new LabRefusal(`Cannot open lab "${id}": it is not up. Run "npm run lab -- up --id ${id}"`);
  const lab = labOf(place, hostsOf(place, state));
  await Promise.all(lab.hosts.map((host) => host.isUp())); // so that `path` knows from the start where they run
  return lab;
}

function labOf(place: LabPlace, hosts: readonly LabHost[]): Lab {
  const { id, directory, storeDirectory, sshConfig, knownHosts } = place;
  return { id, directory, storeDirectory, sshConfig, knownHosts, hosts };
}

/** Hosts keep their place in the list for ever, because their addresses follow from it; new ones are added at its end. */
async function agreeOnState(place: LabPlace, wish: LabWish): Promise<LabState> {
  const before = await readState(place);
  const hosts: HostState[] = [...(before?.hosts ?? [])];
  for (const { name, suite } of wish.hosts) {
    const known = hosts.find((host) => host.name === name);
    if (known === undefined)
      hosts.push({ name, suite: suite ?? "machine", lower: await suiteRoot(suite ?? "machine") });
    else if (known.suite !== (suite ?? known.suite)) {
      throw new LabRefusal(
        `Cannot make "${name}" a ${suite} host: it is a ${known.suite} host. Take the lab down first`,
      );
    }
  }
  const state = { subnet: await bringUpBridge(place, before?.subnet), hosts };
  await writeState(place, state);
  return state;
}

async function prepareHosts(place: LabPlace, state: LabState): Promise<void> {
  const etcHosts = state.hosts.map((host, index) => `${addressOf(state, index)} ${host.name}\n`).join("");
  const options = { identityFile: place.identityFile, etcHosts, guest: await guestBootFiles() };
  const lines = await inParallel(2, state.hosts, async ({ name, lower }, index) => {
    const host = hostPlace(place, name, index);
    await prepareHostFiles(host, { ...options, lower });
    const address = addressOf(state, index);
    return { name, address, knownHosts: await knownHostsLines(host, address) };
  });
  await writeSshFiles(place, lines);
}

interface WishedVm {
  readonly host: string;
  readonly spec: VmSpec;
}

function wishedVms(wish: LabWish): WishedVm[] {
  return wish.hosts.flatMap(({ name, vms }) =>
    (vms ?? vmKindNames).map((kind) => ({ host: name, spec: vmKind(kind) })),
  );
}

/** One more at a time than there are processors: a booting guest keeps one busy, and sometimes waits for the disk. */
async function bringUpVms(
  place: LabPlace,
  wanted: readonly WishedVm[],
  { hosts, progress }: { hosts: readonly LabHost[]; progress: (line: string) => void },
): Promise<void> {
  await inParallel(availableParallelism() + 1, wanted, async ({ host: name, spec }) => {
    const index = hosts.findIndex((candidate) => candidate.name === name);
    const host = hosts[index]!;
    const files = hostPlace(place, name, index);
    if (!(await isMade(host, files, spec.name))) await makeVm(host, files, spec);
    else if (spec.running) await startVm(host, spec.name);
    else return;
    if (spec.running) await host.waitForGuest(spec.name, { agent: spec.agent !== false });
    progress(`${name}/${spec.name} ${spec.running ? "runs and writes" : "is defined"}`);
  });
}
