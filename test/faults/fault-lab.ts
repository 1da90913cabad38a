// Where faults are thrown: a host whose two VMs run, and a store that holds one good backup of each.

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openTestHost, type TestHost } from "../e2e/support/test-host.ts";
import { runBackup } from "../e2e/support/virtfold-process.ts";
import { witnessStore, type StoreWitness } from "./checks/assert-store.ts";
import { startSubjects, remakeSubjects } from "./ready-subjects.ts";
import { hostName, subjects, type VmKind } from "./subjects.ts";
import { withSmallVolume } from "../e2e/support/small-volume.ts";

/** What the tests share. */
export interface FaultLab extends TestHost {
  /** Where programs put their temporary files. */
  readonly temporaryFolder: string;
  /** What every store begins with. */
  readonly firstStore: StoreWitness;
  /** Brings the host back to what every test begins with; `isBroken` makes its VMs anew. */
  makeReady(options?: { readonly isBroken?: boolean }): Promise<void>;
  /** Does the work with a store of its own on a small file system; it begins with a good backup of each VM. */
  withStore<T>(work: (place: StorePlace) => Promise<T>): Promise<T>;
  /** Removes what was made besides the laboratory itself. */
  close(): Promise<void>;
}

/** A store, and the file system it is on. */
export interface StorePlace {
  readonly store: string;
  readonly volume: string;
}

/** Room for the first backups, those of a run and those of the next, and for a little more. */
const volumeMib = 640;

/** Brings the host up with these VMs, to be backed up in this order, and makes the first backups. */
export async function openFaultLab(vms: readonly VmKind[] = subjects): Promise<FaultLab> {
  const { lab, host } = await openTestHost(hostName, vms);
  // In the laboratory's folder: what a test that is killed leaves mounted goes with the laboratory.
  const directory = await mkdtemp(join(lab.directory, "faults-"));
  const temporaryFolder = join(directory, "tmp");
  const first = join(directory, "first");
  await mkdir(temporaryFolder);
  await mkdir(first);
  await startSubjects(host, vms);
  const args = backupArguments(lab.sshConfig, { store: first, leaseSeconds: 120, vms });
  const { code, stderr } = await runBackup(args, { environment: { TMPDIR: temporaryFolder } });
  assert.equal(code, 0, stderr);
  let volumes = 0;
  return {
    ...{ lab, host, temporaryFolder, firstStore: await witnessStore(first) },
    makeReady: async ({ isBroken = false } = {}) => {
      await host.start();
      await host.mendNetwork();
      await host.run(["tc", "qdisc", "delete", "dev", "eth0", "root"]);
      if (isBroken) {
        await remakeSubjects(host, vms);
        // Else every test after it would find what this one left.
        for (const name of await readdir(temporaryFolder))
          await rm(join(temporaryFolder, name), { recursive: true, force: true });
      }
      await startSubjects(host, vms);
    },
    withStore: (work) =>
      withSmallVolume(join(directory, `volume${++volumes}`), volumeMib, async (volume) => {
        const store = join(volume, "store");
        await cp(first, store, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
        return await work({ store, volume });
      }),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** What a backup of these VMs of the host is told. */
export function backupArguments(
  sshConfig: string,
  options: {
    readonly store: string;
    readonly leaseSeconds: number;
    readonly vms?: readonly string[];
    readonly overlayFolder?: string | undefined;
  },
): readonly string[] {
  const { store, leaseSeconds, vms = subjects, overlayFolder } = options;
  return [
    ...vms.map((vm) => `${hostName}/${vm}`),
    ...["--store", store, "--ssh-config", sshConfig, "--verbose", "--lease", String(leaseSeconds)],
    ...["--max-backups", "100"],
    ...(overlayFolder === undefined ? [] : ["--overlay-dir", overlayFolder]),
  ];
}
