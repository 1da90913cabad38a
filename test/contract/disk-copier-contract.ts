// What every DiskCopier promises, whatever way the bytes come.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DiskCopier } from "../../lib/backup/ports.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { Transfer } from "../../lib/transfer/open-transfer.ts";
import { failureOf } from "../ssh/connect-for-test.ts";

/** A way to open transfers from a host that sees this machine's files. */
export interface TransferOpener {
  /** As if both ends had this rsync. */
  open(rsyncVersion: string | undefined): Promise<Transfer>;
  close(): Promise<void>;
}

const { signal } = new AbortController();
export const sparseBytes = 16 * 1024 * 1024 + 12_345;
const awkwardNames = ["a b'c\"d$e`f;g\nh", "[x]*?.img", "ümlaut\\x.qcow2", "both\\and*.img", "~a{b,c}:d#e"];

/** Runs the suite on transfers that `prepare` makes ready to be opened. */
export function diskCopierContract(
  name: string,
  prepare: () => Promise<TransferOpener>,
  skip: string | false,
): void {
  describe(`DiskCopier: ${name}`, { skip }, () => {
    let opener: TransferOpener;
    let transfer: Transfer;
    let copier: DiskCopier;
    let folder: string;
    let images: string;
    let store: string;
    before(async () => {
      opener = await prepare();
      folder = mkdtempSync(join(tmpdir(), "vf copier-"));
      [images, store] = [join(folder, "im ages"), join(folder, "sto re")];
      mkdirSync(images);
      mkdirSync(store, { mode: 0o700 });
      makeSparse(join(images, "sparse.raw"));
      transfer = await opener.open(execFileSync("rsync", ["--version"], { encoding: "utf8" }));
      copier = transfer.copierFor("web");
    });
    after(async () => {
      await transfer?.close();
      await opener?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const image = (
      file: string,
      source: "file" | "block" = "file",
    ): Parameters<DiskCopier["copyImage"]>[0] => {
      const path = join(images, file);
      return { path, source, fileBytes: statSync(path).size };
    };
    const assertCopied = (file: string, destination: string): void => {
      assert.ok(readFileSync(destination).equals(readFileSync(join(images, file))), `${file} differs`);
      assert.equal(statSync(destination).mode & 0o777, 0o600);
      assert.equal(statSync(destination).uid, process.getuid?.());
    };

    for (const source of ["file", "block"] as const) {
      it(`copies a sparse image as ${source}: the same bytes, and the same holes`, async () => {
        const destination = join(store, `vda.${source}.raw`);
        const seen: number[] = [];
        const onProgress = ({ bytes }: { bytes: number }): void => void seen.push(bytes);
        const result = await copier.copyImage(image("sparse.raw", source), destination, {
          signal,
          onProgress,
        });
        assert.equal(result.method, source === "file" ? "rsync-direct" : "stream-direct");
        assertCopied("sparse.raw", destination);
        assert.ok(statSync(destination).blocks * 512 < 4 * 1024 * 1024, "holes were filled");
        assert.equal(seen.at(-1), sparseBytes);
        // Either way its bytes come over, holes and all, with the little that rsync says of each block.
        const { sentBytes } = result;
        assert.ok(sentBytes >= sparseBytes && sentBytes < sparseBytes * 1.01, `${sentBytes} sent`);
      });

      it(`copies images with awkward names as ${source}`, async () => {
        for (const [index, name] of awkwardNames.entries()) {
          const path = join(images, name);
          if (!existsSync(path)) writeFileSync(path, `this is ${name}`);
          const destination = join(store, `awk ${source} ${index}`);
          await copier.copyImage(image(name, source), destination, { signal });
          assertCopied(name, destination);
        }
      });

      it(`follows a symbolic link to an image as ${source}`, async () => {
        const link = join(images, `link ${source}`);
        symlinkSync("sparse.raw", link);
        const destination = join(store, `link ${source}`);
        await copier.copyImage(image(`link ${source}`, source), destination, { signal });
        assertCopied("sparse.raw", destination);
      });

      it(`never takes nothing, less or more for a copy, as ${source}`, async () => {
        const destination = join(store, "vdb.raw");
        const options = { signal };
        const absent = { path: join(images, "absent"), source, fileBytes: 1 };
        const missing = await failureOf(copier.copyImage(absent, destination, options), "copy-unreadable");
        assert.equal(missing.vm, "web");
        const folder = { path: images, source, fileBytes: 4096 };
        await assert.rejects(copier.copyImage(folder, destination, options), isCopyTrouble);
        for (const fileBytes of [sparseBytes - 1, sparseBytes + 1]) {
          const wrong = copier.copyImage({ ...image("sparse.raw", source), fileBytes }, destination, options);
          const reason = await failureOf(wrong, "copy-failed");
          assert.deepEqual([reason.vm, reason.target], ["web", "vdb"]);
        }
      });

      it(`says that it was interrupted, and leaves no process, as ${source}`, async () => {
        makeLarge(join(images, "large.raw"));
        const controller = new AbortController();
        const onProgress = (): void =>
          controller.abort(new BackupError({ kind: "interrupted", signal: "SIGINT" }));
        const options = { signal: controller.signal, onProgress };
        const destination = join(store, `large ${source}`);
        const copy = copier.copyImage(image("large.raw", source), destination, options);
        assert.equal((await failureOf(copy, "interrupted")).signal, "SIGINT");
        await failureOf(copier.copyImage(image("large.raw", source), destination, options), "interrupted");
        assert.ok(!processes().includes(destination));
      });

      it(`names the store when it cannot be written, as ${source}`, async () => {
        const destination = join(store, "no such folder", "vda.raw");
        const copy = copier.copyImage(image("sparse.raw", source), destination, { signal });
        assert.equal((await failureOf(copy, "store-not-writable")).store, join(store, "no such folder"));
      });
    }

    it("keeps each copy, and each push, to a rate, whatever way the bytes go", async () => {
      const bytesPerSecond = sparseBytes / 2;
      const limited = transfer.copierFor("web", bytesPerSecond);
      const [asFile, asDevice, pushed] = ["slow file", "slow block", "pushed"].map((one) => join(store, one));
      const startedAt = performance.now();
      const seconds = async (copy: Promise<unknown>): Promise<number> =>
        await copy.then(() => (performance.now() - startedAt) / 1000);
      const push = { localPath: join(images, "sparse.raw"), hostPath: pushed! };
      const unwatched = { signal, onBytes: () => undefined, onBreak: () => undefined };
      const took = await Promise.all([
        seconds(limited.copyImage(image("sparse.raw"), asFile!, { signal })),
        seconds(limited.copyImage(image("sparse.raw", "block"), asDevice!, { signal })),
        seconds(transfer.pusher(bytesPerSecond).pushFile(push, unwatched)),
      ]);
      for (const destination of [asFile!, asDevice!]) assertCopied("sparse.raw", destination);
      // rsync lets the last tenth of a second go, and its second has 0.06 % less.
      for (const each of took) assert.ok(each >= 1.85, took.join());
    });

    it("ends at once when it is stopped while it holds a device's bytes back", async () => {
      const controller = new AbortController();
      const stop = new BackupError({ kind: "interrupted", signal: "SIGTERM" });
      const slow = transfer.copierFor("web", 1024);
      const destination = join(store, "held back");
      const copy = slow.copyImage(image("sparse.raw", "block"), destination, { signal: controller.signal });
      setTimeout(() => controller.abort(stop), 300);
      const startedAt = performance.now();
      assert.equal((await failureOf(copy, "interrupted")).signal, "SIGTERM");
      // What a pipe holds would be waited for for a minute.
      assert.ok(performance.now() - startedAt < 20_000);
    });

    it("copies a small file of unknown length, over one that is there", async () => {
      const destination = join(store, "vars.fd");
      writeFileSync(destination, "an older one, and longer");
      writeFileSync(join(images, "vars.fd"), "uefi");
      await copier.copyFile(join(images, "vars.fd"), destination, { signal });
      assertCopied("vars.fd", destination);
    });

    it("never takes an equal size and time for an equal content", async () => {
      const [path, destination] = [join(images, "same.raw"), join(store, "same.raw")];
      writeFileSync(path, "before");
      execFileSync("touch", ["-d", "2026-01-01", path]);
      await copier.copyImage(image("same.raw"), destination, { signal });
      writeFileSync(path, "behind");
      execFileSync("touch", ["-d", "2026-01-01", path, destination]);
      await copier.copyImage(image("same.raw"), destination, { signal });
      assertCopied("same.raw", destination);
    });

    it("streams files where rsync is missing on either end", async () => {
      const without = await opener.open(undefined);
      const destination = join(store, "streamed");
      const result = await without.copierFor("web").copyImage(image("sparse.raw"), destination, { signal });
      assert.equal(result.method, "stream-direct");
      assertCopied("sparse.raw", destination);
      await without.close();
    });
  });
}

function isCopyTrouble(error: unknown): boolean {
  return error instanceof BackupError && ["copy-failed", "copy-unreadable"].includes(error.reason.kind);
}

export function makeSparse(path: string): void {
  writeFileSync(path, randomBytes(1024 * 1024));
  truncateSync(path, sparseBytes);
}

/** Too large to be over before it is interrupted, and quick to make. */
function makeLarge(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 4 * 1024 ** 3);
}

/** What runs on this machine, with its arguments. */
export function processes(): string {
  return execFileSync("ps", ["ax", "-o", "args"], { encoding: "utf8" });
}
