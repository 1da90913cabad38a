// What every part of a run shares.

import type { Emit, Event, VmEvent } from "../model/event.ts";

export interface RunContext {
  readonly emit: Emit<Event>;
  /** Aborted when the run shall stop. */
  readonly signal: AbortSignal;
  /** The line for a VM's own log; undefined for events that leave none. */
  readonly logText: (event: VmEvent) => string | undefined;
}
