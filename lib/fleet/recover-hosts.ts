// What dead runs left on hosts and in the store, put right. What goes wrong on one host stays that host's trouble.

import type { Emit } from "../model/event.ts";
import { BackupError } from "../model/failure.ts";
import type { RecoveryEvent } from "../model/recovery.ts";
import type { HostGroup } from "./host-group.ts";
import { openHostSession } from "./host-session.ts";
import { recoverHost } from "./recover-host.ts";
import { runFleet } from "./run-fleet.ts";
import { sweepStore } from "./sweep-store.ts";

/** What to put right, and how. */
export interface RecoverRequest {
  /** Each host once. */
  readonly hosts: readonly HostGroup[];
  /** The store to be swept; undefined for none. */
  readonly store: string | undefined;
  readonly sshConfig: string | undefined;
  /** Whether only to tell what would be done. */
  readonly isDryRun: boolean;
}

/** What every part of it shares. */
export interface RecoverContext {
  readonly emit: Emit<RecoveryEvent>;
  readonly signal: AbortSignal;
}

const hostsAtOnce = 8;

/**
 * Puts right what was left. What happens is told by events: a store that cannot be used keeps no host on its overlays.
 * @throws BackupError when the store cannot be used and there is no host.
 */
export async function recoverHosts(request: RecoverRequest, context: RecoverContext): Promise<void> {
  const sweep = await openSweep(request, context);
  const hosts = request.hosts.map((group) => ({ host: group.host.name, group }));
  await runFleet(hosts, { fleet: hostsAtOnce, perHost: 1 }, ({ group }) =>
    recoverOne(group, request, context),
  );
  if (sweep !== undefined && !context.signal.aborted) context.emit(await sweep());
}

async function openSweep(
  { store, hosts, isDryRun }: RecoverRequest,
  { emit }: RecoverContext,
): Promise<Awaited<ReturnType<typeof sweepStore>> | undefined> {
  if (store === undefined) return undefined;
  try {
    return await sweepStore(store, { isDryRun });
  } catch (error) {
    if (!(error instanceof BackupError) || hosts.length === 0) throw error;
    emit({ kind: "store-failed", store, reason: error.reason });
    return undefined;
  }
}

async function recoverOne(
  group: HostGroup,
  { sshConfig: configFile, isDryRun }: RecoverRequest,
  { emit, signal }: RecoverContext,
): Promise<void> {
  const { host } = group;
  if (signal.aborted) return;
  try {
    emit({ kind: "survey-started", host: host.name });
    const session = await openHostSession(host, { configFile, signal });
    try {
      const { shell } = session;
      await recoverHost({ group, shell, host, isDryRun, emit, signal });
      emit({ kind: "host-finished", host: host.name });
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (error.reason.kind !== "interrupted")
      emit({ kind: "host-failed", host: host.name, reason: error.reason });
  }
}
