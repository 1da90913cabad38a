// One host during a run: its shell, and its transfers once its rsync is known.

import type { DiskCopier } from "../backup/ports.ts";
import { environment } from "../config/load.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import { BackupError } from "../model/failure.ts";
import { toShell } from "../shell/command.ts";
import { openLocalConnection } from "../shell/local-connection.ts";
import { sshSelection, type ConfigSources } from "../ssh/ask-client-config.ts";
import { openConnection, type Connection } from "../ssh/connection.ts";
import type { ImagePusher } from "../restore/ports.ts";
import { openTransfer, type Transfer } from "../transfer/open-transfer.ts";
import { type LastingShell, openLastingShell } from "./lasting-shell.ts";

/** The ways to one host; opened once, closed after its last VM. */
export interface HostSession {
  readonly host: Host;
  readonly shell: LastingShell;
  /** As in `Transfer`; these three after `prepareTransfer`. */
  copierFor(vm: string, bytesPerSecond?: number): DiskCopier;
  pusher(bytesPerSecond?: number): ImagePusher;
  planCopy: Transfer["planCopy"];
  prepareTransfer(versions: { readonly here: ToolVersions; readonly there: ToolVersions }): Promise<void>;
  /** Keeps no connection until the next command. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** A link that is opened again, to restore the host after the run was stopped, does not wait for ever either. */
const reopenMilliseconds = 60_000;

async function reopen(host: Host, sources: ConfigSources): Promise<Connection> {
  const attempt = new AbortController();
  const command = toShell(["ssh", ...sshSelection(host, sources.configFile), "--", host.destination, "true"]);
  const detail = `no answer within ${reopenMilliseconds / 1000} s`;
  const reason = { kind: "host-unreachable", host: host.name, detail, command } as const;
  const timer = setTimeout(() => attempt.abort(new BackupError(reason)), reopenMilliseconds);
  try {
    return await openConnection(host, { ...sources, signal: attempt.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Connects to a host, or opens this machine as one. @throws BackupError when it cannot be reached, trusted or logged in to. */
export async function openHostSession(
  host: Host,
  { configFile, signal }: { readonly configFile: string | undefined; readonly signal: AbortSignal },
): Promise<HostSession> {
  const sources = { configFile, environment: environment() };
  let isFirst = true;
  const shell = await openLastingShell(host.name, async () => {
    if (host.connection === "local")
      return await openLocalConnection(host, { environment: sources.environment, signal });
    // Only the first connection gives way to a stop: later ones are for putting the host right.
    if (!isFirst) return await reopen(host, sources);
    isFirst = false;
    return await openConnection(host, { ...sources, signal });
  });
  let transfer: Transfer | undefined;
  const prepared = (): Transfer => {
    if (transfer === undefined) throw new Error("The transfer has not been prepared");
    return transfer;
  };
  return {
    host,
    shell,
    copierFor: (...args) => prepared().copierFor(...args),
    pusher: (...args) => prepared().pusher(...args),
    planCopy: (...args) => prepared().planCopy(...args),
    prepareTransfer: async ({ here, there }) => {
      transfer = await openTransfer(host, {
        ...sources,
        localRsyncVersion: here.rsync,
        remoteRsyncVersion: there.rsync,
      });
    },
    rest: () => shell.rest(),
    close: async () => {
      await transfer?.close();
      await shell.close();
    },
  };
}
