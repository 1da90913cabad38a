// Drills backups one after the other, each on its host.

import type { DrillResult } from "../model/drill.ts";
import { BackupError } from "../model/failure.ts";
import { drillOne, type DrillContext, type DrillTask } from "./drill-one.ts";
import { openHostSession, type HostSession } from "./host-session.ts";

export interface DrillRunContext extends DrillContext {
  readonly sshConfig: string | undefined;
  readonly onResult: (result: DrillResult) => void;
}

/** One at a time, so that none takes another's time. A host that cannot be reached is tried once. After a stop, no other begins. */
export async function drillBackups(tasks: readonly DrillTask[], context: DrillRunContext): Promise<void> {
  const sessions = new Map<string, Promise<HostSession>>();
  const { sshConfig: configFile, signal, onResult } = context;
  try {
    for (const task of tasks) {
      if (signal.aborted) return;
      const { host, backup } = task;
      const opened = sessions.get(host.name) ?? openHostSession(host, { configFile, signal });
      sessions.set(host.name, opened);
      try {
        onResult(await drillOne(await opened, task, context));
      } catch (error) {
        if (!(error instanceof BackupError)) throw error;
        const { manifest, path, folderName } = backup;
        onResult({
          ...{ host: manifest.host.name, vm: manifest.vm.name, path, folderName, on: host.name },
          ...{ outcome: { kind: "undone", reason: error.reason }, leftOnHost: [], recordProblem: undefined },
        });
      }
    }
  } finally {
    for (const opened of sessions.values()) await opened.then((session) => session.close()).catch(() => {});
  }
}
