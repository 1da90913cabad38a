// The guards of a host, as its files and its processes show them.

import type { LabHost } from "../lab/lab-host.ts";

/** The folders of guards that hold a journal: something is still to be undone. */
export async function armedGuards(host: LabHost): Promise<readonly string[]> {
  const text = await host.check(["sh", "-c", "ls -d /var/lib/virtfold/*/journal 2>/dev/null; true"]);
  return text
    .split("\n")
    .filter(Boolean)
    .map((path) => path.slice(0, -"/journal".length));
}

/** The processes of all guards, by their ids inside the host: watchers, changes, restores. */
export async function guardProcesses(host: LabHost): Promise<readonly number[]> {
  const text = await host.check(["ps", "-e", "-o", "pid=,args="]);
  return [...text.matchAll(/^\s*(\d+) .*\/guard\.sh\b/gm)].map(([, id]) => Number(id));
}
