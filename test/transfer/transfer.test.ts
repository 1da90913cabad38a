// Disk data over OpenSSH's own server: rsync and streams, from a host that is this machine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DiskCopier, LinkBreak } from "../../lib/backup/ports.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { openTransfer } from "../../lib/transfer/open-transfer.ts";
import type { Transfer } from "../../lib/transfer/open-transfer.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { findProgram } from "../ssh/find-program.ts";
import { sshdPath, startSshd } from "../ssh/real-sshd.ts";
import type { RealSshd } from "../ssh/real-sshd.ts";

const canRun = sshdPath !== undefined && findProgram("rsync") !== undefined;
const { signal } = new AbortController();
const sparseBytes = 16 * 1024 * 1024 + 12_345;
/** How much of an image has arrived when its link breaks. */
const enough = 4 * 1024 * 1024;
const random = randomBytes(64 * 1024 * 1024);
const awkwardNames = ["a b'c\"d$e`f;g\nh", "[x]*?.img", "ümlaut\\x.qcow2", "both\\and*.img", "~a{b,c}:d#e"];

describe("openTransfer()", { skip: !canRun }, () => {
  let server: RealSshd;
  let transfer: Transfer;
  let copier: DiskCopier;
  let images: string;
  let store: string;
  before(async () => {
    server = await startSshd();
    [images, store] = [join(server.folder.path, "im ages"), join(server.folder.path, "sto re")];
    mkdirSync(images);
    mkdirSync(store, { mode: 0o700 });
    makeSparse(join(images, "sparse.raw"));
    writeFileSync(join(images, "random.raw"), random);
    transfer = await open(execFileSync("rsync", ["--version"], { encoding: "utf8" }));
    copier = transfer.copierFor("web");
  });
  after(async () => {
    await transfer.close();
    await server.close();
  });

  const open = async (
    rsyncVersion: string | undefined,
    alias = "real",
    pauses = [0.1, 0.1],
  ): Promise<Transfer> => {
    return await openTransfer(
      { name: alias, destination: alias, uri: "" },
      {
        configFile: server.folder.configFile,
        environment: process.env,
        localRsyncVersion: rsyncVersion,
        remoteRsyncVersion: rsyncVersion,
        pauses,
      },
    );
  };
  const image = (name: string, source: "file" | "block" = "file"): Parameters<DiskCopier["copyImage"]>[0] => {
    const path = join(images, name);
    return { path, source, fileBytes: statSync(path).size };
  };
  const assertCopied = (name: string, destination: string): void => {
    assert.ok(readFileSync(destination).equals(readFileSync(join(images, name))), `${name} differs`);
    assert.equal(statSync(destination).mode & 0o777, 0o600);
  };

  for (const source of ["file", "block"] as const) {
    it(`copies a sparse image as ${source}: the same bytes, and the same holes`, async () => {
      const destination = join(store, `vda.${source}.raw`);
      const seen: number[] = [];
      const onProgress = ({ bytes }: { bytes: number }): void => void seen.push(bytes);
      const result = await copier.copyImage(image("sparse.raw", source), destination, { signal, onProgress });
      assert.equal(result.method, source === "file" ? "rsync-direct" : "stream-direct");
      assertCopied("sparse.raw", destination);
      assert.ok(statSync(destination).blocks * 512 < 4 * 1024 * 1024, "holes were filled");
      assert.equal(seen.at(-1), sparseBytes);
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

    it(`goes on where it was when the link breaks, and is there again, as ${source}`, async () => {
      const destination = join(store, `broken ${source}`);
      const patient = await open("3.2.0", "real", [2, 2]);
      const breaks: LinkBreak[] = [];
      let kept = Promise.resolve(0);
      const copy = patient.copierFor("web").copyImage(image("random.raw", source), destination, {
        signal,
        onBreak: (broken) => {
          breaks.push(broken);
          // rsync's other process puts it there, a moment after the first one has ended.
          const partial = join(store, ".rsync-partial", basename(destination));
          kept = once(() => sizeOf(source === "file" ? partial : destination));
          // A stream that began anew would bring this; rsync compares, and would have to.
          if (source === "block") spoilBeginning(join(images, "random.raw"));
        },
      });
      // rsync writes into a file with a dot before its name, and an ending of its own.
      const arriving = (): number =>
        readdirSync(store)
          .filter((name) => name.includes(basename(destination)))
          .map((name) => sizeOf(join(store, name)))
          .find((bytes) => bytes >= enough) ?? 0;
      assert.ok((await once(arriving)) >= enough);
      server.cutConnections();
      await copy;
      await patient.close();
      assert.equal(breaks.length, 1, JSON.stringify(breaks));
      assert.ok((await kept) >= enough / 2, `${await kept} bytes were kept`);
      assert.ok(readFileSync(destination).equals(random), "the copy differs");
      assert.ok(!existsSync(join(store, ".rsync-partial", basename(destination))));
    });

    it(`names the store when it cannot be written, as ${source}`, async () => {
      const destination = join(store, "no such folder", "vda.raw");
      const copy = copier.copyImage(image("sparse.raw", source), destination, { signal });
      assert.equal((await failureOf(copy, "store-not-writable")).store, join(store, "no such folder"));
    });
  }

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
    const without = await open(undefined);
    const destination = join(store, "streamed");
    const result = await without.copierFor("web").copyImage(image("sparse.raw"), destination, { signal });
    assert.equal(result.method, "stream-direct");
    assertCopied("sparse.raw", destination);
    await without.close();
  });

  it("is not misled by what the account's rc files print, when it streams", async () => {
    writeFileSync(join(server.home, ".bashrc"), "echo Welcome; echo 'no tty' >&2\n");
    const destination = join(store, "noisy");
    await copier.copyImage(image("sparse.raw", "block"), destination, { signal });
    assertCopied("sparse.raw", destination);
    writeFileSync(join(server.home, ".bashrc"), "");
  });

  it("tells a host that does not let us in, and one that is not there", async () => {
    server.folder.addHost("nobody", server.port, ["User virtfold-nobody"]);
    server.folder.addHost("absent", 1);
    for (const source of ["file", "block"] as const) {
      for (const [alias, kind] of [
        ["nobody", "copy-failed"],
        ["absent", "connection-lost"],
      ] as const) {
        const other = await open("3.5.0", alias);
        const copy = other
          .copierFor("web")
          .copyImage(image("sparse.raw", source), join(store, "x"), { signal });
        const { detail } = await failureOf<"copy-failed" | "connection-lost">(copy, kind);
        assert.match(detail, alias === "nobody" ? /Permission denied/ : /refused/);
        await other.close();
      }
    }
  });

  it("shares one connection among copies at the same time, and ends it", async () => {
    const own = await open("3.5.0");
    const copies = ["one", "two", "three"].map((name) =>
      own.copierFor(name).copyImage(image("sparse.raw"), join(store, name), { signal }),
    );
    await Promise.all(copies);
    assert.match(processes(), /ssh: \S+\/ssh \[mux\]/);
    await own.close();
    for (const name of ["one", "two", "three"]) assertCopied("sparse.raw", join(store, name));
  });
});

function isCopyTrouble(error: unknown): boolean {
  return error instanceof BackupError && ["copy-failed", "copy-unreadable"].includes(error.reason.kind);
}

/** What is more than nothing, as soon as it is; nothing after ten seconds. */
async function once(count: () => number): Promise<number> {
  for (const until = Date.now() + 10_000; Date.now() < until;) {
    const found = count();
    if (found > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return 0;
}

/** 0 for a file that is not there, or no longer. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Writes zeros over the first block, which has been copied already. */
function spoilBeginning(path: string): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4096));
  closeSync(file);
}

function makeSparse(path: string): void {
  writeFileSync(path, randomBytes(1024 * 1024));
  truncateSync(path, sparseBytes);
}

/** Too large to be over before it is interrupted, and quick to make. */
function makeLarge(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 4 * 1024 ** 3);
}

function processes(): string {
  return execFileSync("ps", ["ax", "-o", "args"], { encoding: "utf8" });
}
