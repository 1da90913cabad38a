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
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DiskCopier, LinkBreak } from "../../lib/backup/ports.ts";
import { openTransfer } from "../../lib/transfer/open-transfer.ts";
import type { Transfer } from "../../lib/transfer/open-transfer.ts";
import { makeSparse, processes } from "../contract/disk-copier-contract.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { findProgram } from "../ssh/find-program.ts";
import { sshdPath, startSshd } from "../ssh/real-sshd.ts";
import type { RealSshd } from "../ssh/real-sshd.ts";

const canRun = sshdPath !== undefined && findProgram("rsync") !== undefined;
const { signal } = new AbortController();
/** How much of an image has arrived when its link breaks. */
const enough = 4 * 1024 * 1024;
const random = randomBytes(64 * 1024 * 1024);

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
      const { sentBytes } = await copy;
      await patient.close();
      // What came before the link broke counts too, and what is there is not sent again.
      assert.ok(sentBytes >= random.length && sentBytes < random.length * 1.9, `${sentBytes} sent`);
      assert.equal(breaks.length, 1, JSON.stringify(breaks));
      assert.ok((await kept) >= enough / 2, `${await kept} bytes were kept`);
      assert.ok(readFileSync(destination).equals(random), "the copy differs");
      assert.ok(!existsSync(join(store, ".rsync-partial", basename(destination))));
    });
  }

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
