// The way to a host is wrong: one sentence says what, where, why and what to do next, and its command works.

import assert from "node:assert/strict";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runChecked } from "../lab/run-checked.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { writeSshSettings } from "./support/ssh-settings.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup } from "./support/virtfold-process.ts";

describe("a host that cannot be reached", { timeout: 600_000 }, () => {
  let given: BackupCase;
  let ownKey: string;

  before(async () => {
    given = await openBackupCase("hv2", ["off"]);
    ownKey = join(given.scratch.directory, "key");
    await runChecked(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", ownKey]);
  });
  after(() => given?.scratch.remove());

  /** Backs up with these settings of OpenSSH; the host fails before anything is touched. */
  async function fails(name: string, settings: Readonly<Record<string, string>>): Promise<string> {
    const sshConfig = await writeSshSettings(given, name, settings);
    return await sentenceOf(["hv2/off", "--store", given.store, "--ssh-config", sshConfig]);
  }

  async function sentenceOf(args: readonly string[]): Promise<string> {
    const end = await runBackup(args);
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /^0 of 0 VMs backed up, 1 host not reached$/m);
    return onlySentence(end);
  }

  it("is told by its name when nobody knows it", async () => {
    const args = ["nosuch.invalid/off", "--store", given.store, "--ssh-config", given.lab.sshConfig];
    assert.match(
      await sentenceOf(args),
      /^Cannot reach host "nosuch\.invalid": .*(?:ENOTFOUND|EAI_AGAIN).*\. Try: ssh -F \S+ -- nosuch\.invalid true$/,
    );
    await given.assertAllAsBefore();
  });

  it("is told when nothing listens there, and when nothing answers at all", async () => {
    assert.match(
      await fails("refused", { Port: "2" }),
      /^Cannot reach host "hv2": .*ECONNREFUSED .*:2\. Try: ssh /,
    );
    await given.host.cutNetwork();
    try {
      const since = performance.now();
      assert.match(
        await fails("silent", { ConnectTimeout: "2" }),
        /^Cannot reach host "hv2": .*\. Try: ssh /,
      );
      assert.ok(performance.now() - since < 30_000, "ConnectTimeout was not kept");
    } finally {
      await given.host.mendNetwork();
    }
    await given.assertAllAsBefore();
  });

  it("is not trusted with a key that is in no known_hosts file; the command named shows and adds it", async () => {
    const knownHosts = join(given.scratch.directory, "empty-known-hosts");
    await writeFile(knownHosts, "");
    const sentence = await fails("unknown-key", { UserKnownHostsFile: knownHosts });
    const command =
      /^Cannot trust host "hv2": its key "SHA256:\S+" is in no known_hosts file\. Compare the fingerprint on the host itself, then run: (ssh .*)$/.exec(
        sentence,
      )?.[1];
    assert.ok(command !== undefined, sentence);
    await answerYes(command, given.scratch.directory);
    const sshConfig = join(given.scratch.directory, "ssh-unknown-key");
    assert.equal(
      (await runBackup(["hv2/off", "--store", await given.scratch.newStore(), "--ssh-config", sshConfig]))
        .code,
      0,
    );
    await given.assertAllAsBefore();
  });

  thorough("is not trusted with another key than before; the command named forgets the old one", async () => {
    const knownHosts = join(given.scratch.directory, "old-known-hosts");
    const [type, key] = (await readFile(`${ownKey}.pub`, "utf8")).split(" ");
    await writeFile(knownHosts, `hv2,${given.host.address} ${type} ${key}\n`);
    const settings = { UserKnownHostsFile: knownHosts };
    const sentence = await fails("changed-key", settings);
    const command =
      /^Cannot trust host "hv2": its key has changed \(now "SHA256:\S+"\).*\((ssh-keygen .*)\) and run/.exec(
        sentence,
      )?.[1];
    assert.ok(command !== undefined, sentence);
    await runChecked(["sh", "-c", command]);
    assert.match(await fails("changed-key", settings), /is in no known_hosts file/);
    await given.assertAllAsBefore();
  });

  it("does not let in an unknown key or user, and says who was refused with what", async () => {
    assert.match(
      await fails("wrong-key", { IdentityFile: ownKey }),
      /^Cannot log in to host "hv2" as "root": it accepted none of ".*\/key"\. Load the right key .*, then try: ssh -F /,
    );
    assert.match(
      await fails("wrong-user", { User: "nobodyknown" }),
      /^Cannot log in to host "hv2" as "nobodyknown": /,
    );
    await given.assertAllAsBefore();
  });

  it("is not asked with an SSH configuration that OpenSSH does not understand", async () => {
    const file = join(given.scratch.directory, "misspelt");
    await copyFile(given.lab.sshConfig, file);
    await writeFile(file, "Host *\n  UserKnwonHostsFile x\n", { flag: "a" });
    assert.match(
      await sentenceOf(["hv2/off", "--store", given.store, "--ssh-config", file]),
      /^Cannot use the SSH configuration for host "hv2": .*misspelt: line \d+: Bad configuration option: userknwonhostsfile.*\. Correct it and run the backup again$/,
    );
  });
});

/** Runs a command that asks a person, who says yes. */
async function answerYes(command: string, folder: string): Promise<void> {
  const person = join(folder, "yes");
  await writeFile(person, "#!/bin/sh\necho yes\n", { mode: 0o755 });
  await runChecked(["sh", "-c", command], {
    environment: { SSH_ASKPASS: person, SSH_ASKPASS_REQUIRE: "force" },
  });
}
