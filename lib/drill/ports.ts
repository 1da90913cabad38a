// What a drill touches outside itself.

import type { Emit } from "../model/event.ts";
import type { DrillEvent } from "../model/drill.ts";
import type { CopyPorts } from "../restore/ports.ts";

/** Everything one drill may touch: what a restore may, and a place for what is kept of a failure. */
export interface DrillPorts extends Omit<CopyPorts, "emit"> {
  readonly emit: Emit<DrillEvent>;
  readonly evidence: EvidenceKeeper;
}

/** Keeps what a failed drill showed beside the reports of drills. */
export interface EvidenceKeeper {
  /** Keeps a text; returns its path in the store. */
  keepText(name: string, text: string): Promise<string>;
  /** Fetches a file of the host and keeps it likewise. */
  keepFile(name: string, hostPath: string, options: { readonly signal: AbortSignal }): Promise<string>;
}
