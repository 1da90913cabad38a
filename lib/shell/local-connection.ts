// This machine as a host of its own: no SSH, the same promises.

import type { HostShell } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { Channel } from "./exchange.ts";
import { hostCommandLine } from "./host-script.ts";
import { hostShell, usualLimits } from "./host-shell.ts";
import { interruption } from "./interruption.ts";
import { openLocalChannel } from "./local-channel.ts";
import { loginEnvironment } from "./login-environment.ts";

/** What runs commands here, until it is closed. */
export interface LocalConnection extends HostShell {
  readonly isLost: boolean;
  close(): Promise<void>;
}

export interface LocalConnectionOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends the attempt to open it, as it does for SSH. */
  readonly signal: AbortSignal;
}

/**
 * Opens this machine as a host. With `sudo` everything runs as root through `sudo -n`, as on any host.
 * @throws BackupError `interrupted`.
 */
export async function openLocalConnection(
  host: Pick<Host, "name" | "sudo">,
  { environment, signal }: LocalConnectionOptions,
): Promise<LocalConnection> {
  if (signal.aborted) throw interruption(signal);
  const open = new Set<Channel>();
  let isClosed = false;
  const openChannel = async (): Promise<Channel> => {
    if (isClosed) throw lost(host, "it was closed");
    const channel = await openLocalChannel(hostCommandLine(host), loginEnvironment(environment)).catch(
      (error: unknown) => {
        throw lost(host, error instanceof Error ? error.message : String(error), error);
      },
    );
    open.add(channel);
    channel.on("close", () => open.delete(channel));
    return channel;
  };
  return {
    ...hostShell({ host: host.name, openChannel }, usualLimits),
    get isLost() {
      return isClosed;
    },
    close: async () => {
      isClosed = true;
      await Promise.resolve();
      for (const channel of open) channel.close();
    },
  };
}

function lost({ name }: Pick<Host, "name">, detail: string, cause?: unknown): BackupError {
  return new BackupError({ kind: "connection-lost", host: name, detail }, { cause });
}
