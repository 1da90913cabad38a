// Answers that cannot be understood → a failure of their host. What a host says is never taken for a bug of ours.

import { AnswerError } from "../hypervisor/answer-error.ts";
import { SnapshotOrderError } from "../hypervisor/order-snapshots.ts";
import { XmlError } from "../hypervisor/xml-error.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { UnreadableVm } from "../model/vm.ts";

/** Why an answer cannot be read. @throws the error itself when it says something else. */
export function whyUnreadable(error: unknown): string {
  if (!isUnreadable(error)) throw error;
  return error.message;
}

/** A VM of this host that cannot be read, as the failure of its backup. */
export function vmUnreadable(
  host: Host,
  { uuid, name, detail }: UnreadableVm,
): Extract<FailureReason, { kind: "vm-unreadable" }> {
  return { kind: "vm-unreadable", host: host.name, vm: name ?? uuid, detail };
}

/** The error as it is, or as `unexpected-answer` when it says that an answer of this host cannot be read. */
export function asFailureOf(host: string, error: unknown): unknown {
  if (!isUnreadable(error)) return error;
  const command = error instanceof AnswerError ? "virsh or qemu-img" : "virsh dumpxml or snapshot-dumpxml";
  return new BackupError(
    { kind: "unexpected-answer", host, command, detail: error.message },
    { cause: error },
  );
}

function isUnreadable(error: unknown): error is Error {
  return error instanceof XmlError || error instanceof AnswerError || error instanceof SnapshotOrderError;
}
