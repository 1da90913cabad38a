import type { Host } from "../model/host.ts";

/** What is being copied, for messages. */
export interface CopySubject {
  readonly host: Host;
  readonly vm: string;
  /** The disk's target, such as `vda`. */
  readonly target: string;
  /** On the host. */
  readonly path: string;
  /** On this machine. */
  readonly destination: string;
  /** Undefined when it is not known beforehand. */
  readonly bytes: number | undefined;
}
