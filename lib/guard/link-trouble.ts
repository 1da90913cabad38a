import { BackupError } from "../model/failure.ts";

/** Whether the way to the host is broken, so that nobody knows whether a command ran. */
export function isLinkTrouble(error: unknown): boolean {
  return error instanceof BackupError && ["connection-lost", "host-unreachable"].includes(error.reason.kind);
}
