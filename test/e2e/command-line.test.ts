// The command line as a new user meets it: help, slips of the pen, everything that can be refused before a host is asked.

import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { commonFlags } from "../../lib/cli/arguments.ts";
import { backupShape } from "../../lib/cli/backup-request.ts";
import { doctorShape } from "../../lib/cli/doctor-request.ts";
import { exitCodes } from "../../lib/cli/exit-codes.ts";
import { initShape } from "../../lib/cli/init-request.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { runBackup, type RunEnd, type RunOptions } from "./support/virtfold-process.ts";

describe("the command line of backup", { timeout: 300_000 }, () => {
  let scratch: ScratchFolder;
  let store: string;
  before(async () => {
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
  });
  after(() => scratch?.remove());

  /** What is said about a command line that cannot be carried out. */
  async function complaint(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await runBackup(args, { directory: scratch.directory, ...options });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /For all flags run: virtfold backup --help$/m);
    return stderr;
  }

  it("has a help that names every flag and every exit code, also for -h", async () => {
    const [long, short] = await Promise.all([runBackup(["--help"]), runBackup(["-h"])]);
    assert.equal(long.code, 0);
    assert.equal(short.stdout, long.stdout);
    const named = [...long.stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    const flags = [...backupShape.flags, ...commonFlags].map(({ flags: spelled }) => spelled.split(" ")[0]);
    assert.deepEqual(named.toSorted(), [...flags, "--help", "--version"].toSorted());
    for (const code of Object.values(exitCodes))
      assert.match(long.stdout, new RegExp(`^ +${code} +\\w`, "m"));
    assert.match(long.stdout, /^ {2}virtfold backup root@kvm7\/ubuntu20 --store/m);
  });

  it("names the nearest flag for one that is misspelt", async () => {
    assert.match(
      await complaint(["hv2", "--stroe", store]),
      /unknown option '--stroe'\n\(Did you mean --store\?\)/,
    );
    assert.match(await complaint(["hv2", "--max-backup", "3"]), /\(Did you mean --max-backups\?\)/);
    assert.match(await complaint(["hv2", "--vm-domain"]), /'--vm-domain <name>' argument missing/);
  });

  it("asks for a store and a target, and says how to give them", async () => {
    assert.match(
      await complaint([]),
      /--store \(or VIRTFOLD_STORE\) is missing: folder that holds the backups/,
    );
    assert.match(await complaint(["--store", store]), /No target given: name a HOST or HOST\/VM to back up/);
  });

  it("tells of all bad values at once", async () => {
    const bad = [
      "--max-backups",
      "0",
      "--quiesce",
      "maybe",
      "--overlay-dir",
      "relative",
      "--concurrency",
      "x",
    ];
    const text = await complaint(["hv2", "--store", store, ...bad]);
    assert.match(text, /--max-backups \(or VIRTFOLD_MAX_BACKUPS\) cannot be "0": .*a whole number from 1/);
    assert.match(text, /--quiesce \(or VIRTFOLD_QUIESCE\) cannot be "maybe": .*auto, require or never/);
    assert.match(text, /--overlay-dir \(or VIRTFOLD_OVERLAY_DIR\) cannot be "relative": absolute folder/);
    assert.match(text, /--concurrency \(or VIRTFOLD_CONCURRENCY\) cannot be "x"/);
  });

  it("refuses what is no target, no name, or contradicts itself", async () => {
    for (const target of ["hv2/", "/web", "a b", ""]) {
      const text = await complaint([target, "--store", store]);
      assert.ok(text.includes(`Cannot read target ${JSON.stringify(target)}: it is not HOST, HOST/VM`), text);
    }
    const rename = ["--store", store, "--new-vm-domain-name"];
    assert.match(
      await complaint(["hv2", ...rename, "x"]),
      /--new-vm-domain-name fits one VM only: name it as HOST\/VM/,
    );
    assert.match(await complaint(["hv2/web", ...rename, "a/b"]), /"a\/b" cannot be the name of a VM/);
    const both = ["hv2/web", "--vm-domain", "off", "--store", store];
    assert.match(await complaint(both), /--vm-domain chooses VMs of a HOST, and a target names a VM already/);
  });

  it("refuses an SSH configuration file that is not there", async () => {
    const args = ["hv2", "--store", store, "--ssh-config", "/nothing/there"];
    assert.match(
      await complaint(args),
      /--ssh-config \(or VIRTFOLD_SSH_CONFIG\) cannot be "\/nothing\/there": there is no such file/,
    );
  });

  it("reads the environment and .env, flags first", async () => {
    const directory = join(scratch.directory, "with-settings");
    await mkdir(directory);
    await writeFile(join(directory, ".env"), "VIRTFOLD_STORE=/from/file\nVIRTFOLD_SSH_CONFIG=/dev/null\n");
    const storeNamed = async (
      args: readonly string[],
      environment: Record<string, string>,
    ): Promise<string> => {
      const { code, stderr } = await runBackup(["hv2", ...args], { directory, environment });
      assert.equal(code, 2);
      return /store "(.*?)"/.exec(stderr)?.[1] ?? stderr;
    };
    assert.equal(await storeNamed([], {}), "/from/file");
    assert.equal(await storeNamed([], { VIRTFOLD_STORE: "/from/environment" }), "/from/environment");
    assert.equal(
      await storeNamed(["--store", "/from/flag"], { VIRTFOLD_STORE: "/from/environment" }),
      "/from/flag",
    );
    assert.equal(await storeNamed(["--backup-base-dir", "/from/flag"], {}), "/from/flag");
  });
});

describe("the command line of doctor", { timeout: 300_000 }, () => {
  const doctor = (...args: readonly string[]): Promise<RunEnd> => runBackup(args, { command: "doctor" });

  it("has a help that names every flag and each of its exit codes, as docs/doctor.md does", async () => {
    const { code, stdout } = await doctor("--help");
    assert.equal(code, 0);
    const named = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    const flags = [...doctorShape.flags, ...commonFlags].map(({ flags: spelled }) => spelled.split(" ")[0]);
    assert.deepEqual(named.toSorted(), [...flags, "--help", "--version"].toSorted());
    const { ok, bug, usage, someFailed, hostNeedsPerson, degraded, interrupted } = exitCodes;
    for (const one of [ok, bug, usage, someFailed, hostNeedsPerson, degraded, interrupted])
      assert.match(stdout, new RegExp(`^ +${one} +\\w`, "m"));
    const manual = await readFile(new URL("../../docs/doctor.md", import.meta.url), "utf8");
    assert.match(
      manual,
      /Exit code 0 when .*, 5 with warnings, 3 with problems, 4 when something needs a person/,
    );
  });

  it("asks for a target, names the nearest flag, and refuses bad values, in one sentence each", async () => {
    const nothing = await doctor("--inventory", "/dev/null");
    assert.equal(nothing.code, 2, nothing.stdout);
    const misspelt = await doctor("hv2", "--jsno");
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /\(Did you mean --json\?\)/);
    const bad = await doctor("hv2", "--quiesce", "maybe");
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /--quiesce \(or VIRTFOLD_QUIESCE\) cannot be "maybe"/);
  });
});

describe("the command line of list", { timeout: 300_000 }, () => {
  let scratch: ScratchFolder;
  let store: string;
  before(async () => {
    scratch = await makeScratchFolder();
    store = await scratch.newStore();
  });
  after(() => scratch?.remove());

  const list = (...args: readonly string[]): Promise<RunEnd> =>
    runBackup(args, { command: "list", directory: scratch.directory });

  it("says where there is nothing", async () => {
    assert.deepEqual(await list("--store", store), {
      ...{ code: 0, stderr: "" },
      stdout: `No backups in ${store}\n`,
    });
    const unknown = await list("kvm1/web", "kvm2", "--store", store);
    assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
    assert.match(
      unknown.stderr,
      /No backup of "kvm1\/web" in store .*: it holds none at all; No backup of "kvm2"/,
    );
  });

  it("refuses a store that is not there, and flags that it does not have", async () => {
    const missing = await list("--store", "/nothing/there");
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /^ERROR: Cannot use store "\/nothing\/there": it does not exist\. /);
    const none = await list();
    assert.equal(none.code, 2);
    assert.match(none.stderr, /--store \(or VIRTFOLD_STORE\) is missing.*virtfold list --help$/m);
    const misspelt = await list("--sotre", store);
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /unknown option '--sotre'\n\(Did you mean --store\?\)/);
  });
});

describe("the command line of init", { timeout: 300_000 }, () => {
  let scratch: ScratchFolder;
  before(async () => {
    scratch = await makeScratchFolder();
  });
  after(() => scratch?.remove());

  const init = async (...args: readonly string[]): Promise<RunEnd> =>
    await runBackup(args, { command: "init", directory: scratch.directory });

  it("has a help that names its flags", async () => {
    const { code, stdout } = await init("--help");
    assert.equal(code, 0);
    const named = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    const flags = [...initShape.flags, ...commonFlags].map(({ flags: spelled }) => spelled.split(" ")[0]);
    assert.deepEqual(named.toSorted(), [...flags, "--help", "--version"].toSorted());
    assert.match(stdout, /^ {2}virtfold init$/m);
  });

  it("says in one sentence what is missing or cannot be, and writes nothing", async () => {
    await writeFile(join(scratch.directory, "file"), "");
    const complaints: readonly (readonly [RegExp, ...(readonly string[])])[] = [
      [/No host given, and there is no terminal to ask for one: name each HOST/],
      [/--store \(or VIRTFOLD_STORE\) is missing: folder that holds the backups/, "kvm1"],
      [/Cannot take "kvm1\/web": it names a VM.*; Cannot read host "-x"/, "kvm1/web", "--", "-x"],
      [/host "kvm1" is there already, reached in another way/, "kvm1", "root@kvm1", "--store", "/x"],
      [
        /--inventory cannot be "hosts\/x" here: a file that ends in \.yaml/,
        "k",
        "--store",
        "/x",
        "--inventory",
        "hosts/x",
      ],
      [/Cannot write "file\/x\.yaml": "file" is a file/, "k", "--store", "/x", "--inventory", "file/x.yaml"],
      [/unknown option '--dryrun'\n\(Did you mean --dry-run\?\)/, "k", "--dryrun"],
    ];
    for (const [pattern, ...args] of complaints) {
      const { code, stdout, stderr } = await init(...args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, pattern);
    }
    assert.deepEqual(await readdir(scratch.directory), ["file"]);
  });

  it("leaves a .env as it is, and names what is not in it", async () => {
    const directory = join(scratch.directory, "with-env");
    await mkdir(directory);
    const check = async (text: string, args: readonly string[], pattern: RegExp): Promise<void> => {
      await writeFile(join(directory, ".env"), text);
      const { code, stderr } = await runBackup(args, { command: "init", directory });
      assert.equal(code, 2, stderr);
      assert.match(stderr, pattern);
      assert.equal(await readFile(join(directory, ".env"), "utf8"), text);
    };
    await check(
      "VIRTFOLD_STORE=/a\n",
      ["k", "--store", "/b c"],
      /put VIRTFOLD_STORE='\/b c' into it and run/,
    );
    await check("OTHER=1\n", ["k"], /--store \(or VIRTFOLD_STORE\) is missing/);
    await check("OTHER=1\n", ["k", "--store", "/a"], /put VIRTFOLD_STORE=\/a into it/);
  });
});
