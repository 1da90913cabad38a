import assert from "node:assert/strict";
import { BackupError } from "../../lib/model/failure.ts";
import type { FailureKind, FailureReason } from "../../lib/model/failure.ts";
import { openConnection } from "../../lib/ssh/connection.ts";
import type { Connection } from "../../lib/ssh/connection.ts";
import type { SshFolder } from "./ssh-folder.ts";

/** Connects to a host of the folder's ssh_config. */
export async function connectTo(folder: SshFolder, alias: string, maxChannels = 8): Promise<Connection> {
  const host = { name: alias, destination: alias, uri: "qemu:///system" };
  const { signal } = new AbortController();
  return await openConnection(host, {
    configFile: folder.configFile,
    environment: process.env,
    signal,
    maxChannels,
  });
}

/** The reason of the failure that the work must end in. */
export async function failureOf<K extends FailureKind>(
  work: Promise<unknown>,
  kind: K,
): Promise<Extract<FailureReason, { kind: K }>> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BackupError, `Not a BackupError: ${String(error)}`);
  assert.equal(error.reason.kind, kind, error.message);
  return error.reason as Extract<FailureReason, { kind: K }>;
}
