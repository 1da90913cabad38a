// virtfold on the hypervisor itself, without SSH: backups are as good, with sudo too, and the host restores itself when
// the program dies.

import assert from "node:assert/strict";
import { chown, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { addHostUser, allowSudo, sudoRulesFile } from "../lab/make-login.ts";
import type { VmSpec } from "../lab/vm-spec.ts";
import { vmKinds } from "../lab/vm-kinds.ts";
import { waitUntilRestored } from "./support/dead-run.ts";
import { assertHostAsBefore } from "./support/host-memory.ts";
import { removeHostUser } from "./support/host-user.ts";
import { assertNothingRuns } from "./support/leftovers-here.ts";
import { programOnHost, putOnHost, removeFromHost } from "./support/program-on-host.ts";
import type { Start } from "./support/program-on-host.ts";
import { makeScratchFolder } from "./support/scratch-folder.ts";
import type { ScratchFolder } from "./support/scratch-folder.ts";
import { openTestHost } from "./support/test-host.ts";
import type { TestHost } from "./support/test-host.ts";
import { testTruth } from "./support/test-truth.ts";
import { isThorough, thorough } from "./support/thorough.ts";
import { backupOf, witnessRun } from "./support/witnessed-run.ts";
import type { WitnessedRun } from "./support/witnessed-run.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const login = "backup-local";
const slowPrograms = "/opt/slow-programs";
const inventory = `hosts:
  hv1: { connection: local }
  twin: { connection: local }
`;
const kinds: readonly VmSpec[] = [vmKinds.web, vmKinds.db, vmKinds.off, vmKinds.block];
const names = kinds.map(({ name }) => name);

describe("a backup on the hypervisor itself", { skip, timeout: 900_000 }, () => {
  let scratch: ScratchFolder;
  let test: TestHost;
  let stores: string;

  before(async () => {
    scratch = await makeScratchFolder();
    test = await openTestHost("hv1", names);
    // The host sees this folder at the same path.
    stores = await mkdtemp(join(test.lab.storeDirectory, "local-"));
    await putOnHost(test.host, inventory);
    await test.host.check(["sh", "-c", slowRsync, "sh", slowPrograms]);
    await addHostUser(test.host, login);
    await allowSudo(test.host, login);
  });
  after(async () => {
    if (test !== undefined) {
      await test.host.run(["rm", "-rf", sudoRulesFile, slowPrograms]);
      await removeHostUser(test.host, login);
      await removeFromHost(test.host);
      await rm(stores, { recursive: true, force: true });
    }
    await scratch?.remove();
  });

  const newStore = async (name: string, user: string): Promise<string> => {
    const store = join(stores, name);
    await mkdir(store);
    await chown(store, await idOf(test, user), 0);
    await chown(stores, await idOf(test, user), 0);
    return store;
  };

  for (const [who, start, flags] of [
    ["root", { user: "root" }, []],
    ["a login with sudo", { user: login }, ["--sudo"]],
  ] as const) {
    if (isThorough || flags.length > 0) describe(`by ${who}`, () => testStart(start, flags));
  }

  function testStart(start: Required<Pick<Start, "user">>, flags: readonly string[]): void {
    let run: WitnessedRun;
    let user: number;
    before(async () => {
      const store = await newStore(`of-${start.user}`, start.user);
      user = await idOf(test, start.user);
      const { backUp } = programOnHost(test.host, start);
      // The laboratory may have more VMs than this test asked for.
      const only = names.flatMap((name) => ["--vm-domain", name]);
      const how = [...flags, ...only, "--inventory", "inventory.yaml", "--verbose"];
      run = await witnessRun(test, names, { store, backUp: (args) => backUp([...args, ...how]) });
    });

    it("ends well, and leaves the host as it was, with no process of it", async () => {
      assert.equal(run.end.code, 0, run.end.stderr + run.end.stdout);
      assert.match(run.end.stdout, /^4 of 4 VMs backed up$/m);
      await assertHostAsBefore(test.host, run.memory);
      await assertNothingRuns(test, scratch.directory);
    });

    it("makes files that belong to who started it, and keeps them sparse", async () => {
      const { folder } = backupOf(run, "db");
      for (const name of ["vda.qcow2", "vdb.raw", "manifest.json"])
        assert.equal((await stat(join(folder, name))).uid, user, name);
      const { size, blocks } = await stat(join(folder, "vdb.raw"));
      assert.ok(blocks * 512 < size / 2, `it takes ${blocks * 512} of ${size} bytes`);
    });

    testTruth(kinds, () => ({ test, run, scratch: scratch.directory }));

    thorough("has a host that restores itself when the program is killed", async () => {
      const store = await newStore(`killed-${start.user}`, start.user);
      const { killOnceLogged } = programOnHost(test.host, { ...start, programs: slowPrograms });
      const args = ["hv1/web", "--store", store, ...flags, "--inventory", "inventory.yaml", "--lease", "6"];
      await killOnceLogged(args, /: vda: .* → /);
      await test.host.check(["sh", "-c", "ls /var/lib/virtfold/*/journal"]);
      await waitUntilRestored(test.host);
      await assertHostAsBefore(test.host, run.memory);
      await assertNothingRuns(test, scratch.directory, 60);
    });
  }

  it("takes a bare localhost for this machine, and needs no ssh then", async () => {
    const store = await newStore("bare", "root");
    await test.host.check(["mv", "/usr/bin/ssh", "/usr/bin/ssh.away"]);
    try {
      const { backUp } = programOnHost(test.host);
      const end = await backUp(["localhost/off", "--store", store]);
      assert.equal(end.code, 0, end.stderr + end.stdout);
      assert.match(end.stderr, new RegExp(`${store}/localhost/off/`));
      const far = await backUp(["root@localhost/off", "--store", store]);
      assert.match(far.stderr, /Cannot find "ssh" on "this machine"/);
    } finally {
      await test.host.check(["mv", "/usr/bin/ssh.away", "/usr/bin/ssh"]);
    }
  });

  it("refuses two names of this machine: its VMs would be stored as those of both", async () => {
    const end = await programOnHost(test.host).backUp(["--inventory", "inventory.yaml", "--store", stores]);
    assert.equal(end.code, 2);
    assert.match(
      end.stderr,
      /^ERROR: With "connection: local" "hv1", "twin" are one and the same: this machine\. Say it of one host only, or name one of them/m,
    );
  });

  it("says in one sentence that sudo does not let the login become root", async () => {
    const store = await newStore("refused", login);
    await test.host.check(["mv", sudoRulesFile, "/etc/virtfold-rules.away"]);
    const end = await programOnHost(test.host, { user: login }).backUp([
      ...["hv1/off", "--store", store, "--sudo", "--inventory", "inventory.yaml"],
    ]);
    assert.equal(end.code, 3);
    assert.match(end.stdout, /^! Cannot become root on host "hv1": sudo says: a password is required\. /m);
  });
});

/** An rsync that takes its time, but for its far end: that must be the one which the rules of sudo name. */
const slowRsync = `
set -e
mkdir -p "$1"
cat >"$1/rsync" <<'END'
#!/bin/sh
case $1 in --server) exec /usr/bin/rsync "$@" ;; --version) exec /usr/bin/rsync "$@" ;; esac
exec /usr/bin/rsync --bwlimit=2m "$@"
END
chmod 755 "$1" "$1/rsync"`;

async function idOf({ host }: TestHost, user: string): Promise<number> {
  return Number(await host.check(["id", "-u", user]));
}
