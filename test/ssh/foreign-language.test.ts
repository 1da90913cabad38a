// An operator and a login whose programs speak German: nothing that is read of a host is any different for it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTransfer } from "../../lib/transfer/open-transfer.ts";
import type { Transfer } from "../../lib/transfer/open-transfer.ts";
import { openConnection } from "../../lib/ssh/connection.ts";
import { failureOf } from "./connect-for-test.ts";
import { findProgram } from "./find-program.ts";
import { sshdPath, startSshd } from "./real-sshd.ts";
import type { RealSshd } from "./real-sshd.ts";

const { signal } = new AbortController();
const host = { name: "real", destination: "real", uri: "" };
const absent = "/nowhere/Größe";

/** What a locale is made of, which few machines have ready. */
const sources = ["/usr/share/i18n/locales/de_DE", "/usr/share/i18n/charmaps/UTF-8.gz"];
const missing = [...sources.filter((path) => !existsSync(path)), ...(sshdPath === undefined ? ["sshd"] : [])];
missing.push(...["localedef", "rsync"].filter((name) => findProgram(name) === undefined));

describe(
  "a German operator's German host",
  { skip: missing.length === 0 ? false : `${missing.join()} is missing` },
  () => {
    let server: RealSshd;
    let locales: string;
    let environment: Readonly<Record<string, string | undefined>>;
    const transfers: Transfer[] = [];
    before(async () => {
      locales = mkdtempSync(join(tmpdir(), "vf-locale-"));
      execFileSync("localedef", ["-i", "de_DE", "-f", "UTF-8", join(locales, "de_DE.UTF-8")]);
      const german = { LC_ALL: "de_DE.UTF-8", LANG: "de_DE.UTF-8", LANGUAGE: "de", LOCPATH: locales };
      server = await startSshd([], german);
      environment = { ...process.env, ...german };
    });
    after(async () => {
      await Promise.all(transfers.map((transfer) => transfer.close()));
      await server?.close();
      rmSync(locales, { recursive: true, force: true });
    });

    const open = async (version: string | undefined): Promise<Transfer> => {
      const settings = { configFile: server.folder.configFile, environment, pauses: [] };
      const versions = { localRsyncVersion: version, remoteRsyncVersion: version };
      const transfer = await openTransfer(host, { ...settings, ...versions });
      transfers.push(transfer);
      return transfer;
    };

    it("speaks German to others", () => {
      const said = spawnSync(
        "ssh",
        ["-F", server.folder.configFile, "real", `ls ${absent}; printf %.1f 1,5`],
        {
          encoding: "utf8",
          env: environment,
        },
      );
      assert.match(said.stderr, /Datei oder Verzeichnis nicht gefunden|Zugriff auf/);
      assert.equal(said.stdout, "1,5");
    });

    it("answers commands and scripts as any other host does", async () => {
      const { configFile } = server.folder;
      const shell = await openConnection(host, { configFile, environment, signal });
      const asked = [
        "sh",
        "-c",
        'ls "$1"; printf %.1f 1.5; echo " $LC_ALL ${LANGUAGE-none}"',
        "sh",
        absent,
      ] as const;
      const results = [await shell.run(asked), await shell.runScript(asked[2], [absent])];
      await shell.close();
      for (const { code, stdout, stderr } of results) {
        assert.deepEqual([code, stdout], [0, "1.5 C none\n"]);
        assert.match(stderr, /^ls: cannot access .*: No such file or directory\n$/);
      }
    });

    it("brings disks, and says why not in words that are understood, with rsync and without", async () => {
      const [path, store] = [join(server.folder.path, "Größe.raw"), join(server.folder.path, "store")];
      mkdirSync(store);
      writeFileSync(path, "an image");
      for (const version of ["3.2.0", undefined]) {
        const copier = (await open(version)).copierFor("web");
        await copier.copyImage({ path, source: "file", fileBytes: 8 }, join(store, "vda"), { signal });
        const missing = copier.copyFile(absent, join(store, "vdb"), { signal });
        assert.match((await failureOf(missing, "copy-unreadable")).detail, /No such file or directory/);
        const nowhere = copier.copyFile(path, join(store, "no", "vdb"), { signal });
        await failureOf(nowhere, "store-not-writable");
      }
    });

    it("is missed its rsync, in whatever words its shell says so", async () => {
      const tools = join(server.folder.path, "tools");
      mkdirSync(tools);
      for (const name of ["sh", "bash", "cat"]) symlinkSync(findProgram(name)!, join(tools, name));
      writeFileSync(join(server.home, ".bashrc"), `PATH=${tools}\n`);
      const said = spawnSync("ssh", ["-F", server.folder.configFile, "real", "rsync"], { encoding: "utf8" });
      assert.equal(said.status, 127, said.stderr);
      const copier = (await open("3.2.0")).copierFor("web");
      const { where, tool } = await failureOf(
        copier.copyFile("/etc/hostname", "/tmp/x", { signal }),
        "tool-missing",
      );
      assert.deepEqual([where, tool], ["real", "rsync"]);
    });
  },
);
