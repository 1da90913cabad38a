// A host's shell that outlives a broken link: the next command opens a new one.

import type { HostShell } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";

/** An open link to a host. */
export interface Link extends HostShell {
  readonly isLost: boolean;
  close(): Promise<void>;
}

/**
 * A shell over one link at a time. A command that was under way when the link broke still fails: it may have run. What only
 * reads is asked once more, so that a link that breaks costs no VM its turn.
 */
export interface LastingShell extends HostShell {
  /** Closes the link until the next command. To be called when no command is under way. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the first link at once. @throws BackupError when it cannot be opened. */
export async function openLastingShell(name: string, open: () => Promise<Link>): Promise<LastingShell> {
  let link: Promise<Link> = open();
  await link;
  let isClosed = false;
  const current = async (): Promise<Link> => {
    const before = link;
    const isUsable = await before.then(
      (opened) => !opened.isLost,
      () => false,
    );
    // Whoever finds the link broken first opens the next one; the others wait for that one.
    if (!isUsable && link === before && !isClosed) link = open();
    return await link;
  };
  const closeLink = async (): Promise<void> => {
    const opened = await link.catch(() => undefined);
    await opened?.close();
  };
  return {
    name,
    rest: closeLink,
    run: async (...args) => await (await current()).run(...args),
    runAll: async (...args) => {
      try {
        return await (await current()).runAll(...args);
      } catch (error) {
        if (isClosed || !(error instanceof BackupError) || error.reason.kind !== "connection-lost")
          throw error;
        return await (await current()).runAll(...args);
      }
    },
    runScript: async (...args) => await (await current()).runScript(...args),
    close: async () => {
      isClosed = true;
      await closeLink();
    },
  };
}
