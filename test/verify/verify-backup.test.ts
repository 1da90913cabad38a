// Backups that lie, and that lead elsewhere: whoever wrote them could also write a SHA256SUMS that fits.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { openStore } from "../../lib/store/store.ts";
import type { Damage } from "../../lib/model/verification.ts";
import { temporaryFolder } from "../store/sample-backup.ts";
import { clear, publishSound, qemuImg, skipWithoutQemuImg, verifyFolder } from "./sound-backup.ts";

type Alter = (at: (fileName: string) => string) => Promise<void>;

describe("verifyBackup() of a backup whose checksums fit", { skip: skipWithoutQemuImg }, () => {
  const folder = temporaryFolder();
  const damagesOf = async (alter: Alter): Promise<readonly Damage[]> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    return (await verifyFolder((await publishSound(store, { alter })).path)).damages;
  };
  const finds = async (alter: Alter, fileName: string, detail: RegExp): Promise<void> => {
    const damages = await damagesOf(alter);
    assert.deepEqual([...new Set(damages.map((damage) => damage.fileName))], [fileName]);
    assert.match(damages.map((damage) => damage.detail).join("; "), detail);
  };

  it("finds an image that is backed by a file outside the backup", async () => {
    await finds(
      async (at) => qemuImg("rebase", "-u", "-b", "/etc/passwd", "-F", "raw", "-f", "qcow2", at("vda.qcow2")),
      "vda.qcow2",
      /is based on "\/etc\/passwd" instead of "vda\.backing1\.raw"/,
    );
  });

  it("finds an image that is backed by nothing any more", async () => {
    await finds(
      async (at) => qemuImg("rebase", "-u", "-b", "", "-f", "qcow2", at("vda.qcow2")),
      "vda.qcow2",
      /is based on nothing instead of/,
    );
  });

  it("finds an image that takes what it is backed by for another format", async () => {
    const claims = (...format: readonly string[]) =>
      finds(
        async (at) =>
          qemuImg("rebase", "-u", "-b", "vda.backing1.raw", ...format, "-f", "qcow2", at("vda.qcow2")),
        "vda.qcow2",
        /takes what it is based on for qcow2/,
      );
    await claims("-F", "qcow2");
  });

  it("opens no image whose data is in another file", async () => {
    await finds(
      async (at) => {
        clear(at("vda.qcow2"));
        const outside = path.join(folder, "outside.raw");
        qemuImg("create", "-q", "-f", "qcow2", "-o", `data_file=${outside}`, at("vda.qcow2"), "64K");
        clear(outside);
      },
      "vda.qcow2",
      /its data is in a file outside the image/,
    );
  });

  it("finds an image of another size, and a raw one", async () => {
    await finds(
      async (at) => {
        qemuImg("snapshot", "-d", "base", at("vda.qcow2"));
        qemuImg("snapshot", "-d", "Base", at("vda.qcow2"));
        qemuImg("resize", "-f", "qcow2", at("vda.qcow2"), "128K");
      },
      "vda.qcow2",
      /its disk has 131072 bytes, the manifest says 65536/,
    );
    await finds(
      async (at) => truncate(at("vdb.raw"), 512),
      "manifest.json",
      /vdb is not as large as its raw/,
    );
  });

  it("finds an internal snapshot that is in no image", async () => {
    await finds(
      async (at) => qemuImg("snapshot", "-d", "Base", at("vda.qcow2")),
      "vda.qcow2",
      /internal snapshot "Base" is not in it/,
    );
  });

  it("finds damage that qemu-img finds, and what is no image", async () => {
    await finds(async (at) => writeFile(at("vda.qcow2"), "x".repeat(200)), "vda.qcow2", /no qcow2 image/);
    await finds(
      async (at) => {
        const image = await readFile(at("vda.qcow2"));
        // Behind header and refcount table: refcounts that count nothing.
        await writeFile(at("vda.qcow2"), image.fill(0, 131_072, 196_608));
      },
      "vda.qcow2",
      /errors? (?:were )?found|refcount/i,
    );
  });

  it("finds XML that is none, that unfolds to gigabytes, and that is another VM's", async () => {
    const xml =
      (text: string): Alter =>
      async (at) =>
        writeFile(at("original.xml"), text);
    await finds(xml("<domain>"), "original.xml", /not-well-formed/);
    const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><domain>&b;</domain>`;
    await finds(xml(bomb), "original.xml", /doctype/i);
    await finds(
      xml("<domain><name>other</name><uuid>99999999-1111-4222-8333-444444444444</uuid></domain>"),
      "original.xml",
      /its name is "other"; its UUID is 9999.*no disk vda; it has no disk vdb/,
    );
  });

  it("finds a definition that would use another file", async () => {
    await finds(
      async (at) => {
        const file = at("web-restore.xml");
        await writeFile(file, (await readFile(file, "utf8")).replace("/vdb.raw'", "/../../vdb.raw'"));
      },
      "web-restore.xml",
      /its vdb is .*\/\.\.\/\.\.\/vdb\.raw, not the image in this backup/,
    );
  });
});

describe("verifyBackup() of a backup that leads elsewhere", { skip: skipWithoutQemuImg }, () => {
  const folder = temporaryFolder();
  const findsAfter = async (
    change: (backup: string) => Promise<void>,
    fileName: string,
    detail: RegExp,
  ): Promise<void> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    const backup = (await publishSound(store)).path;
    await change(backup);
    const { state, damages } = await verifyFolder(backup);
    assert.equal(state, "damaged");
    const about = damages.filter((damage) => damage.fileName === fileName).map((damage) => damage.detail);
    assert.match(about.join("; "), detail, JSON.stringify(damages));
  };
  const replaced =
    (fileName: string, make: (file: string) => void | Promise<void>) => async (backup: string) => {
      clear(path.join(backup, fileName));
      await make(path.join(backup, fileName));
    };
  const fifo = (file: string): void => void execFileSync("mkfifo", [file]);

  it("follows no link, in any part", async () => {
    const outside = path.join(folder, "precious");
    await writeFile(outside, "x".repeat(64 * 1024));
    for (const fileName of ["vdb.raw", "original.xml", "backup.log", "manifest.json", "SHA256SUMS"])
      await findsAfter(
        replaced(fileName, (file) => symlink(outside, file)),
        fileName,
        /symbolic link/,
      );
    await findsAfter(
      replaced("nvram", (file) => symlink(folder, file)),
      "nvram/web_VARS.fd",
      /a link or file on the way to it/,
    );
  });

  it("waits for no pipe", { timeout: 60_000 }, async () => {
    for (const fileName of ["vda.qcow2", "manifest.json", "SHA256SUMS", "snapshots/base.xml"])
      await findsAfter(replaced(fileName, fifo), fileName, /not a regular file/);
  });

  it("reads no list of checksums that is too long or leads out of the backup", async () => {
    await findsAfter(
      async (backup) => truncate(path.join(backup, "SHA256SUMS"), 2 ** 40),
      "SHA256SUMS",
      /longer than/,
    );
    const line = `${"0".repeat(64)}  ../../../../etc/passwd\n`;
    await findsAfter(
      async (backup) => writeFile(path.join(backup, "SHA256SUMS"), line),
      "SHA256SUMS",
      /line 1 is none/,
    );
  });

  it("names what is missing", async () => {
    for (const fileName of ["vda.qcow2", "manifest.json", "SHA256SUMS", "backup.log", "nvram/web_VARS.fd"])
      await findsAfter(async (backup) => clear(path.join(backup, fileName)), fileName, /not there/);
  });
});
