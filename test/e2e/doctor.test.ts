// `virtfold doctor`: it finds what is wrong, names a command that helps, and changes nothing.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeSmallFileSystem, removeSmallFileSystem, smallFolder } from "../faults/small-file-system.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { addHostUser } from "../lab/make-login.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { openBackupCase, type BackupCase } from "./support/backup-case.ts";
import { killBoth } from "./support/dead-run.ts";
import { removeHostUser } from "./support/host-user.ts";
import { assertHostAsBefore, rememberHost } from "./support/host-memory.ts";
import { schemaTroubles } from "./support/json-schema.ts";
import { writeSshSettings } from "./support/ssh-settings.ts";
import { makeSubject, removeSubject, subjectVm } from "./support/subject-vm.ts";
import { thorough } from "./support/thorough.ts";
import { runBackup, runRecover } from "./support/virtfold-process.ts";

const subject = subjectVm("subject");
const user = "doctor-login";

interface Told {
  readonly severity: string;
  readonly kind: string;
  readonly vm?: string;
  readonly text: string;
  readonly commands: readonly string[];
}

describe("virtfold doctor", { timeout: 1_400_000 }, () => {
  let given: BackupCase;
  let host: LabHost;
  let schema: unknown;

  before(async () => {
    given = await openBackupCase("hv2", ["web"]);
    ({ host } = given);
    schema = JSON.parse(await readFile(new URL("../../schema/doctor.schema.json", import.meta.url), "utf8"));
    await makeSubject(host, subject);
  });
  after(async () => {
    if (host !== undefined) await removeSubject(host, subject);
    await given?.scratch.remove();
  });

  const virsh = (...args: string[]): Promise<string> => host.check(["virsh", ...args]);

  /** What is said of these targets, but for this machine and for what is as it should be; the host is left as it is. */
  async function examine(
    code: number,
    targets: readonly string[] = ["hv2/subject"],
    flags: readonly string[] = ["--ssh-config", given.lab.sshConfig],
  ): Promise<readonly Told[]> {
    const memory = await rememberHost(host, ["web", "subject"]);
    const end = await runBackup([...targets, ...flags, "--json"], { command: "doctor" });
    assert.equal(end.code, code, end.stdout + end.stderr);
    const after = await rememberHost(host, ["web", "subject"]);
    assert.deepEqual(after, memory);
    const document = JSON.parse(end.stdout) as {
      readonly findings: readonly (Told & { host?: string; store?: string })[];
    };
    assert.deepEqual(schemaTroubles(schema, document), []);
    return document.findings.filter(
      (finding) => finding.severity !== "ok" && (finding.host ?? finding.store) !== undefined,
    );
  }

  const only = (found: readonly Told[]): Told => {
    assert.equal(found.length, 1, JSON.stringify(found, undefined, 1));
    return found[0]!;
  };

  it("finds nothing wrong where nothing is, and leaves no trace", async () => {
    const memory = await rememberHost(host, ["web", "subject"]);
    const end = await runBackup(["hv2", "--ssh-config", given.lab.sshConfig, "--store", given.store], {
      command: "doctor",
    });
    assert.equal(end.code, 0, end.stdout + end.stderr);
    assert.match(
      end.stdout,
      /^hv2: all well\n {2}ok {7}host key, login, rsync, guard's folder, libvirt, QEMU$/m,
    );
    assert.match(end.stdout, /^ {2}ok {7}can be backed up: .*web/m);
    assert.match(end.stdout, /^1 host and the store: .*, nothing was changed$/m);
    await assertHostAsBefore(host, memory);
    await given.assertStoreAsBefore();
  });

  it("goes on past a host that cannot be reached", async () => {
    const { kind, text, commands } = only(await examine(3, ["hv2/subject", "nobody@127.0.0.1:9"]));
    assert.equal(kind, "failed");
    assert.match(text, /^Cannot reach host "127\.0\.0\.1:9": connect ECONNREFUSED/);
    assert.equal(commands.length, 1);
  });

  thorough("finds another tool's overlay, and names the command that folds it back", async () => {
    const overlay = "vda,file=/srv/subject/subject.other";
    await virsh("snapshot-create-as", "subject", "x", "--disk-only", "--no-metadata", "--diskspec", overlay);
    const { severity, text, commands } = only(await examine(5));
    assert.equal(severity, "warning");
    assert.match(
      text,
      /^Disk vda runs on \/srv\/subject\/subject\.other, which looks like another tool's overlay/,
    );
    await host.check(["sh", "-c", commands[0]!]);
    assert.deepEqual(await examine(0), []);
    await host.check(["rm", "/srv/subject/subject.other"]);
  });

  it("finds a block job", async () => {
    const copy = ["blockcopy", "subject", "vda", "/srv/subject/copy.qcow2", "--transient-job"] as const;
    await virsh(...copy);
    try {
      assert.match(only(await examine(3)).text, /: a block job runs on its disk "vda"/);
    } finally {
      await virsh("blockjob", "subject", "vda", "--abort");
      await host.check(["rm", "-f", "/srv/subject/copy.qcow2"]);
    }
  });

  it("finds disks that differ from the definition", async () => {
    const definition = await virsh("dumpxml", "--inactive", "--security-info", "subject");
    const define = (xml: string): Promise<string> =>
      host.check(["sh", "-c", "cat >/tmp/define.xml; virsh define /tmp/define.xml; rm /tmp/define.xml"], {
        input: xml,
      });
    await define(definition.replace("/srv/subject/subject.qcow2", "/srv/subject/other.qcow2"));
    try {
      assert.match(
        only(await examine(3)).text,
        /its running disk "vda" is ".*subject\.qcow2" but its definition says/,
      );
    } finally {
      await define(definition);
    }
  });

  thorough("finds a VM that an I/O error has paused, and names the command that resumes it", async () => {
    await makeSmallFileSystem(host, smallFolder);
    try {
      const overlay = `vda,file=${smallFolder}/subject.small`;
      await virsh(
        "snapshot-create-as",
        "subject",
        "x",
        "--disk-only",
        "--no-metadata",
        "--diskspec",
        overlay,
      );
      await host.run(["dd", "if=/dev/zero", `of=${smallFolder}/ballast`, "bs=1M"]);
      await host
        .guestExec(
          "subject",
          "(sleep 1; dd if=/dev/zero of=/disk/more bs=64k count=32) >/dev/null 2>&1 </dev/null &",
        )
        .catch(() => undefined);
      await waitUntil("subject is paused by an I/O error", { limitSeconds: 60 }, async () =>
        (await virsh("domstate", "--reason", "subject")).includes("(I/O error)") ? true : undefined,
      );
      const found = await examine(4);
      const paused = only(found.filter(({ kind }) => kind === "left-over"));
      assert.match(paused.text, /^the VM is paused by an I\/O error\. See that its disks have room/);
      await host.check(["rm", `${smallFolder}/ballast`]);
      await host.check(["sh", "-c", /virsh resume \S+$/.exec(paused.text)?.[0] ?? "false"]);
      const [{ commands } = { commands: [] }] = await examine(5);
      await host.check(["sh", "-c", commands[0] ?? "false"]);
    } finally {
      await removeSmallFileSystem(host, smallFolder);
    }
  });

  it("finds a login without rights, with and without sudo", async () => {
    await addHostUser(host, user);
    await host.check(["sh", "-c", "chmod 700 /run/libvirt/libvirt-sock*"]);
    try {
      const file = await writeSshSettings(given, user, { User: user });
      const denied = await examine(3, ["hv2/subject"], ["--ssh-config", file]);
      assert.match(denied.map(({ text }) => text).join("\n"), /^Cannot use libvirt on host "hv2"/m);
      const { text, commands } = only(await examine(3, ["hv2/subject"], ["--ssh-config", file, "--sudo"]));
      assert.match(text, /^Cannot become root on host "hv2": sudo says: a password is required/);
      assert.deepEqual(commands, []);
    } finally {
      await host.check(["sh", "-c", "chmod 777 /run/libvirt/libvirt-sock*"]);
      await removeHostUser(host, user);
    }
  });

  thorough("finds a guard that nobody renews, and names the command that puts the host right", async () => {
    await killBoth(given, "web");
    const found = await waitUntil("the lease has run out", { limitSeconds: 60 }, async () => {
      const end = await runBackup(["hv2/web", "--ssh-config", given.lab.sshConfig, "--json"], {
        command: "doctor",
      });
      return end.code === 5 ? end.stdout : undefined;
    });
    const { findings } = JSON.parse(found) as { findings: readonly Told[] };
    const { text, commands } = only(findings.filter(({ severity }) => severity === "warning"));
    assert.match(text, /^it is held by backup \S+, which died$/);
    assert.deepEqual(commands, ["virtfold recover hv2"]);
    const recovery = await runRecover(["hv2/web", "--ssh-config", given.lab.sshConfig]);
    assert.equal(recovery.code, 0, recovery.stdout);
    assert.deepEqual(await examine(0, ["hv2/web"]), []);
  });

  it("finds a lock of the store that nobody may hold any more, and a store that is not there", async () => {
    const store = await given.scratch.newStore();
    const lock = join(store, ".virtfold", "lock");
    await mkdir(lock, { recursive: true });
    await writeFile(join(lock, "x.json"), "{}");
    const flags = ["--ssh-config", given.lab.sshConfig, "--store"];
    const held = only(await examine(4, ["hv2/subject"], [...flags, store]));
    assert.deepEqual([held.kind, held.commands], ["store-lock", [`rm -r ${lock}`]]);
    assert.equal(await readFile(join(lock, "x.json"), "utf8"), "{}");
    const missing = only(await examine(3, ["hv2/subject"], [...flags, "/nothing/there"]));
    assert.match(missing.text, /^Cannot use store "\/nothing\/there": it does not exist/);
  });
});
