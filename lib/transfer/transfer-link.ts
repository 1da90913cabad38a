import type { Host } from "../model/host.ts";
import type { Environment } from "../ssh/ask-client-config.ts";
import type { FarEnd } from "./far-end.ts";

/** The way disk data comes from one host. */
export interface TransferLink {
  readonly host: Host;
  readonly farEnd: FarEnd;
  readonly environment: Environment;
  /** Whether both ends have rsync; else files are streamed like devices. */
  readonly hasRsync: boolean;
  /** How long a broken link is waited for, in seconds, pause after pause. */
  readonly pauses: readonly number[];
  /** What one copy may take of it each second; 0 for no limit. */
  readonly bytesPerSecond: number;
  /** Whether both ends' rsync can write straight into a file and leave holes where there are zeros. */
  readonly canFillSparsely: boolean;
  /** Whether both ends' rsync can be told how much memory it may take. */
  readonly canBoundMemory: boolean;
}
