// Backups as a hypervisor sees them when it has a copy of them under the same path: a VM that is started from them
// writes into the copy, and the store stays as it is.

import { rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { FoundBackup } from "../../lab/restore-by-hand.ts";
import { runChecked } from "../../lab/run-checked.ts";
import type { TestHost } from "./test-host.ts";

const place = "/srv/lent-store";

/** Puts copies of these backups, as they are with their modes, in the place of the store that the host sees. */
export async function lendBackups({ lab, host }: TestHost, backups: readonly FoundBackup[]): Promise<void> {
  const copy = host.path(place);
  await takeBack({ lab, host });
  await runChecked(["mkdir", "--parents", copy]);
  // Where the store is, everyone may pass.
  const folders = backups.flatMap(({ folder }) => [folder, join(dirname(folder), "latest")]);
  const names = folders.map((folder) => relative(lab.storeDirectory, folder));
  const options = ["--archive", "--sparse=always", "--parents"] as const;
  await runChecked(["cp", ...options, ...names, copy], {
    directory: lab.storeDirectory,
    deadlineSeconds: 300,
  });
  await host.check(["mount", "--bind", place, lab.storeDirectory]);
}

/** Shows the host the store itself again; harmless when it does. */
export async function takeBack({ lab, host }: TestHost): Promise<void> {
  const isLent = async (): Promise<boolean> =>
    (await host.check(["cat", "/proc/self/mountinfo"])).includes(`/lent-store ${lab.storeDirectory} `);
  while (await isLent()) await host.check(["umount", "--lazy", lab.storeDirectory]);
  await rm(host.path(place), { recursive: true, force: true });
}
