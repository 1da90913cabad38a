// The typed reason of an expected failure, for assertions.

import assert from "node:assert/strict";
import type { FailureReason } from "../../lib/model/failure.ts";
import { BackupError } from "../../lib/model/failure.ts";

/** Why this failed; the test fails when it does not, or not as a BackupError. */
export async function reasonOf(work: Promise<unknown>): Promise<FailureReason> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BackupError) return error.reason;
    throw error;
  }
  return assert.fail("It did not fail");
}
