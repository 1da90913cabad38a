// What every part of a run shares.

import type { Emit, Event, VmEvent } from "../model/event.ts";

/** A VM whose turn has come. */
export interface VmAtTurn {
  readonly host: string;
  readonly vm: string;
  readonly uuid: string;
}

export interface RunContext {
  readonly emit: Emit<Event>;
  /** Aborted when the run shall stop. */
  readonly signal: AbortSignal;
  /** The line for a VM's own log; undefined for events that leave none. */
  readonly logText: (event: VmEvent) => string | undefined;
  /**
   * Does what the operator wants done before and after a VM's turn, with the turn in between.
   * @throws BackupError when the VM shall not be backed up; its turn has not begun then.
   */
  readonly aroundVm: (vm: VmAtTurn, turn: () => Promise<void>) => Promise<void>;
}
