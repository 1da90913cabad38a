// What a run must not leave on the machine it ran on, nor on the host, besides backups.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import type { TestHost } from "./test-host.ts";

/**
 * Asserts that no program of the run lives on: nothing here that was given the lab's ssh configuration, no session and
 * no rsync on the host; and that nothing of ours, such as the socket of a connection, is in its folder for temporary
 * files. The sessions get so many seconds to end.
 */
export async function assertNothingRuns(
  { lab, host }: TestHost,
  temporaryFolder: string,
  limitSeconds = 15,
): Promise<void> {
  assert.deepEqual(await processesNaming(lab.sshConfig), []);
  const names = await readdir(temporaryFolder);
  assert.deepEqual(
    names.filter((name) => name.startsWith("virtfold")),
    [],
  );
  // The end of a session reaches the host a moment later.
  await untilNobodyIsLoggedIn(host, limitSeconds);
}

/** Waits for the end of all sessions on a host: the connection that transfers share outlives a killed program by a minute. */
export async function untilNobodyIsLoggedIn(host: LabHost, limitSeconds: number): Promise<void> {
  let seen: readonly string[] = [];
  const explain = (): string => seen.join("\n");
  await waitUntil(`nobody is logged in to ${host.name}`, { limitSeconds, explain }, async () => {
    const lines = (await host.check(["ps", "-e", "-o", "args="])).split("\n");
    seen = lines.filter((line) =>
      /^sshd(?:-session)?: (?!.*\[listener\])|^rsync|^(?:\S*\/)?sh -s/.test(line),
    );
    return seen.length === 0 ? true : undefined;
  });
}

/** The command lines of processes on this machine that name a file, but for this one. */
async function processesNaming(file: string): Promise<readonly string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const lines = await Promise.all(
    ids.map(async (id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(file)).map((line) => line.replaceAll("\0", " "));
}
