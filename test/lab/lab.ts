// A laboratory: real hypervisors side by side on this machine, each in namespaces of its own.
// Owns what lies in its folder and what carries its tag in its name; touches nothing else of the machine.

import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { agreeOnState } from "./agree-on-state.ts";
import { inParallel } from "./in-parallel.ts";
import type { LabHost, Suite } from "./lab-host.ts";
import { hostPlace, labPlace } from "./lab-place.ts";
import type { LabPlace } from "./lab-place.ts";
import { LabRefusal } from "./lab-refusal.ts";
import { bastionOf, hostsOf, readState } from "./lab-state.ts";
import { isMade, makeVm } from "./make-vm.ts";
import { needLabPackages } from "./lab-packages.ts";
import { needRoot } from "./need-root.ts";
import { prepareHosts } from "./prepare-hosts.ts";
import { makeIdentity } from "./ssh-files.ts";
import { makeLogin } from "./make-login.ts";
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
  /** The only one from which the hosts can be reached; undefined when this machine reaches them itself. */
  readonly bastion: LabHost | undefined;
}

/** What a laboratory shall have. Without `vms` a host gets every kind. */
export interface LabWish {
  readonly id: string;
  readonly hosts: readonly {
    readonly name: string;
    readonly suite?: Suite;
    readonly vms?: readonly string[];
  }[];
  /** Puts the hosts behind a bastion. */
  readonly hasBastion?: boolean;
  /** Who `ssh` logs in as, with the sudo rules of the manual and nothing else; root when not given. */
  readonly login?: string;
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
    const bastion = bastionOf(place, state);
    await prepareHosts(place, state);
    await bastion?.start();
    const wished = hosts.filter((host) => wish.hosts.some(({ name }) => name === host.name));
    await inParallel(2, wished, async (host) => {
      await host.start();
      if (state.login !== undefined) await makeLogin(host, state.login);
      progress(`host ${host.name} (${host.suite}) answers at ${host.address}`);
    });
    await bringUpVms(place, wanted, { hosts, progress });
    return labOf(place, { hosts, bastion });
  });
}

/** A laboratory that was brought up before, as it is now. */
export async function openLab(id: string): Promise<Lab> {
  needRoot();
  const place = labPlace(id);
  const state = await readState(place);
  if (state === undefined)
    throw new LabRefusal(`Cannot open lab "${id}": it is not up. Run "npm run lab -- up --id ${id}"`);
  const lab = labOf(place, { hosts: hostsOf(place, state), bastion: bastionOf(place, state) });
  await Promise.all(lab.hosts.map((host) => host.isUp())); // so that `path` knows from the start where they run
  return lab;
}

function labOf(place: LabPlace, hosts: Pick<Lab, "hosts" | "bastion">): Lab {
  const { id, directory, storeDirectory, sshConfig, knownHosts } = place;
  return { id, directory, storeDirectory, sshConfig, knownHosts, ...hosts };
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
