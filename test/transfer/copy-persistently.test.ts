import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError, type FailureReason } from "../../lib/model/failure.ts";
import { copyPersistently } from "../../lib/transfer/copy-persistently.ts";
import type { CopyOptions } from "../../lib/transfer/rsync-copier.ts";

const lost: FailureReason = { kind: "connection-lost", host: "kvm1", detail: "reset" };
const pauses = [0.001, 0.002, 0.003];

/** Makes attempts that each bring some bytes and then fail so; the last one succeeds. */
async function copied(
  attempts: readonly { readonly bytes: number; readonly reason?: FailureReason }[],
  options: Partial<CopyOptions> = {},
): Promise<{ readonly made: number; readonly paused: readonly number[]; readonly error: unknown }> {
  const paused: number[] = [];
  let made = 0;
  const attempt = async ({ onBytes }: CopyOptions): Promise<void> => {
    const { bytes, reason } = attempts[made++]!;
    onBytes?.(bytes);
    if (reason !== undefined) throw new BackupError(reason);
  };
  const onBreak = ({ pauseSeconds }: { readonly pauseSeconds: number }): void =>
    void paused.push(pauseSeconds);
  const error: unknown = await copyPersistently(attempt, {
    ...{ signal: new AbortController().signal, onBreak, pauses },
    ...options,
  }).catch((thrown: unknown) => thrown);
  return { made, paused, error };
}

const reasonOf = (error: unknown): FailureReason | undefined =>
  error instanceof BackupError ? error.reason : undefined;

describe("copyPersistently()", () => {
  it("goes on while the link brings something now and then", async () => {
    const broken = [10, 10, 10, 20, 20, 20, 30].map((bytes) => ({ bytes, reason: lost }));
    const { made, paused, error } = await copied([...broken, { bytes: 40 }]);
    assert.equal(error, undefined);
    assert.equal(made, 8);
    assert.deepEqual(paused, [0.001, 0.002, 0.003, 0.001, 0.002, 0.003, 0.001]);
  });

  it("gives a link up over which nothing new comes", async () => {
    const { made, error } = await copied(Array.from({ length: 9 }, () => ({ bytes: 10, reason: lost })));
    assert.deepEqual(reasonOf(error), lost);
    assert.equal(made, 4);
  });

  it("does not go on for ever, however little it is each time", async () => {
    const { made, error } = await copied(
      Array.from({ length: 200 }, (_, index) => ({ bytes: index + 1, reason: lost })),
    );
    assert.deepEqual(reasonOf(error), lost);
    assert.equal(made, 101);
  });

  it("tries nothing again that the link is not to blame for", async () => {
    const reason: FailureReason = { kind: "copy-unreadable", vm: "web", path: "/x", detail: "gone" };
    const { made, error } = await copied([{ bytes: 1, reason }]);
    assert.deepEqual(reasonOf(error), reason);
    assert.equal(made, 1);
  });

  it("ends at once, with the reason for it, when its work is ended meanwhile", async () => {
    const controller = new AbortController();
    const ended: FailureReason = { kind: "interrupted", signal: "SIGINT" };
    const onBreak = (): void => controller.abort(new BackupError(ended));
    const { made, error } = await copied([{ bytes: 1, reason: lost }], {
      signal: controller.signal,
      onBreak,
    });
    assert.deepEqual(reasonOf(error), ended);
    assert.equal(made, 1);
  });
});
