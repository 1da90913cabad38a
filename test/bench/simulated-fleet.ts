// Hosts that are SSH servers in this process, with the stateful fake virsh behind each.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeSshFolder } from "../ssh/ssh-folder.ts";
import { fakePrograms, makeFakeHypervisor, startFakeVm, type FakeHypervisor } from "../support/fake-virsh.ts";
import { startSshServer, type SshServer } from "../support/ssh-server.ts";

/** A fleet that can be backed up. */
export interface SimulatedFleet {
  /** For `--ssh-config`. */
  readonly sshConfig: string;
  /** For `--inventory`. */
  readonly inventory: string;
  /** What is behind each host. */
  readonly hypervisors: readonly FakeHypervisor[];
  /** An empty folder for `--store`. */
  readonly store: string;
  /** Stops the hosts and removes everything, the store too. */
  close(): Promise<void>;
}

/** What one of the VMs holds: a raw disk of 1 MiB. */
const diskBytes = 2 ** 20;

/** Starts the hosts on 127.0.0.1. */
export async function startFleet(size: {
  readonly hosts: number;
  readonly vms: number;
}): Promise<SimulatedFleet> {
  const folder = makeSshFolder();
  const hypervisors: FakeHypervisor[] = [];
  const servers: SshServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
    for (const hypervisor of hypervisors) hypervisor.remove();
    folder.remove();
  };
  try {
    const names = Array.from({ length: size.hosts }, (_, index) => `host${index + 1}`);
    for (const [index, alias] of names.entries()) {
      const hypervisor = makeFakeHypervisor();
      hypervisors.push(hypervisor);
      for (let vm = 1; vm <= size.vms; vm += 1) addVm(hypervisor, index, vm);
      const environment = environmentOf(hypervisor);
      servers.push(await startSshServer({ environment, shared: { folder, alias } }));
    }
    const inventory = join(folder.path, "inventory.yaml");
    writeFileSync(
      inventory,
      `groups:\n  all:\n    hosts:\n${names.map((name) => `      ${name}:\n`).join("")}`,
    );
    const store = join(folder.path, "store");
    mkdirSync(store);
    return { sshConfig: folder.configFile, inventory, hypervisors, store, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addVm(hypervisor: FakeHypervisor, host: number, vm: number): void {
  const path = join(hypervisor.directory, `vm${vm}.raw`);
  const number = String(host * 100 + vm).padStart(12, "0");
  const uuid = `00000000-0000-4000-8000-${number}`;
  startFakeVm(hypervisor, { name: `vm${vm}`, uuid, disks: [{ target: "vda", format: "raw", path }] });
  // The fake image is text with a line for each write: one long line more is one more write.
  const head = "fake raw\nbacking -\nfirst\n";
  writeFileSync(path, `${head.padEnd(diskBytes - 1, "x")}\n`);
}

function environmentOf(hypervisor: FakeHypervisor): Readonly<Record<string, string>> {
  const programs = fileURLToPath(new URL("host", import.meta.url));
  return {
    ...hypervisor.environment,
    PATH: `${programs}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
    VIRTFOLD_BENCH_FAKES: fakePrograms,
    VIRTFOLD_STATE_DIRECTORY: join(hypervisor.directory, "state"),
    VIRTFOLD_SYSTEMD_FOLDER: "/nowhere",
  };
}
