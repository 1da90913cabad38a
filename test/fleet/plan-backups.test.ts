// A whole plan over SSH, of a host whose programs write down every call: what it asks, and that it changes nothing.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readSettingsOfPlan } from "../../lib/config/settings.ts";
import { planBackups } from "../../lib/fleet/plan-backups.ts";
import type { Event } from "../../lib/model/event.ts";
import type { FleetPlan } from "../../lib/model/fleet-plan.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { missing } from "../hypervisor/fixture.ts";
import { buildDisk, buildDomain, buildDomainXml } from "../support/build-vm-facts.ts";
import { buildHostRequest } from "../support/build-host-request.ts";
import { startSshServer, type SshServer } from "../support/ssh-server.ts";

const needed = ["qemu-img", "rsync"].map(missing).find((trouble) => trouble !== false) ?? false;
const uuid = "0f5f7a2e-1111-4222-8333-444455556666";
/** All that a plan may ask of libvirt. */
const readingVerbs = [
  ...["version", "help", "list", "domstate", "dominfo", "dumpxml", "snapshot-list", "snapshot-current"],
  ...["snapshot-dumpxml", "blockjob", "checkpoint-list"],
];

const virshScript = `#!/bin/sh
shift 2
printf 'virsh %s\\n' "$*" >>"$VIRTFOLD_TEST_CALLS"
case $1 in
  version) printf 'Using library: libvirt 9.0.0\\nRunning hypervisor: QEMU 7.2.22\\n' ;;
  list) echo ${uuid} ;;
  domstate) echo 'running (booted)' ;;
  dominfo) printf 'Persistent:     yes\\nAutostart:      disable\\nManaged save:   no\\n' ;;
  dumpxml) cat "$VIRTFOLD_TEST_XML" ;;
  snapshot-list | blockjob) echo ;;
  *) exit 1 ;;
esac
`;
const logged = (program: string): string =>
  `#!/bin/sh\nprintf '${program} %s\\n' "$*" >>"$VIRTFOLD_TEST_CALLS"\nPATH=\${PATH#*:} exec ${program} "$@"\n`;

describe("planBackups()", { skip: needed }, () => {
  let top: string;
  let server: SshServer;
  const calls = (): readonly string[] => readFileSync(join(top, "calls"), "utf8").trimEnd().split("\n");
  const files = (): string =>
    execFileSync("find", [join(top, "host"), join(top, "store"), "-ls"], { encoding: "utf8" });

  before(async () => {
    top = mkdtempSync(join(tmpdir(), "vf-plan-"));
    for (const folder of ["programs", "host/images it's", `host/state/${uuid}`, "store"])
      mkdirSync(join(top, folder), { recursive: true });
    for (const [name, text] of Object.entries({
      virsh: virshScript,
      "qemu-img": logged("qemu-img"),
      rsync: logged("rsync"),
    })) {
      writeFileSync(join(top, "programs", name), text);
      chmodSync(join(top, "programs", name), 0o755);
    }
    const path = join(top, "host/images it's/wëb.raw");
    writeFileSync(path, "x".repeat(100_000));
    writeFileSync(join(top, "calls"), "");
    const domain = buildDomain({ disks: [buildDisk({ path, format: "raw" })] });
    writeFileSync(join(top, "domain.xml"), buildDomainXml(domain).replaceAll("it's", "it&apos;s"));
    server = await startSshServer({
      environment: {
        ...process.env,
        PATH: `${join(top, "programs")}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
        VIRTFOLD_TEST_CALLS: join(top, "calls"),
        VIRTFOLD_TEST_XML: join(top, "domain.xml"),
        VIRTFOLD_STATE_DIRECTORY: join(top, "host/state"),
      },
    });
  });
  after(async () => {
    await server?.close();
    rmSync(top, { recursive: true, force: true });
  });

  async function plan(
    store?: string,
    events: Event[] = [],
    { signal } = new AbortController(),
  ): Promise<FleetPlan> {
    const texts = { sshConfig: server.folder.configFile, ...(store === undefined ? {} : { store }) };
    const reading = readSettingsOfPlan([texts]);
    assert.ok("settings" in reading);
    const host = { name: "inside", destination: "inside", uri: "qemu:///system" };
    const named = ["web", "nobody"].map((text) => ({ text, sharedTarget: undefined }));
    // Nothing is said of this one, because the host need not have it.
    const vms = [...named, { text: "elsewhere", sharedTarget: undefined, mayBeMissing: true }];
    const request = {
      settings: reading.settings,
      newName: undefined,
      hosts: [buildHostRequest({ host, vms })],
    };
    const emit = (event: Event): void => void events.push(event);
    return await planBackups(request, { emit, signal });
  }

  it("asks, and changes nothing", async () => {
    const before = files();
    const events: Event[] = [];
    const { vms, store, isComplete } = await plan(join(top, "store"), events);
    assert.equal(isComplete, true);
    assert.ok((store?.freeBytes ?? 0) > 0);
    assert.deepEqual(
      vms.map(({ vm, fate }) => [vm, fate.kind]),
      [
        ["nobody", "refused"],
        ["web", "back-up"],
      ],
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["survey-started", "host-surveyed", "vm-refused", "vms-chosen"],
    );
    assert.equal(files(), before);
    for (const call of calls())
      assert.match(
        call,
        new RegExp(`^(virsh (${readingVerbs.join("|")})\\b|qemu-img (info|--version)|rsync --version)`),
      );
    assert.ok(calls().some((call) => call.startsWith("qemu-img info")));
  });

  it("names the commands that would run, in order, with the store's own path", async () => {
    const fate = (await plan(join(top, "store"))).vms.find(({ vm }) => vm === "web")?.fate;
    assert.ok(fate?.kind === "back-up");
    const names = fate.backup.commands.map(({ command }) =>
      command.find((word) => /^(rsync|rm|snapshot-|block)/.test(word)),
    );
    assert.deepEqual(names, ["snapshot-create-as", "rsync", "blockcommit", "blockjob", "rm"]);
    const rsync = fate.backup.commands[1]!.command;
    assert.match(rsync.at(-2)!, /^inside:.*wëb\.raw$/);
    assert.ok(rsync.at(-1)!.startsWith(`${join(top, "store")}/inside/web/.partial-`));
  });

  it("gives what it has when it is stopped", async () => {
    const controller = new AbortController();
    controller.abort("SIGINT");
    const { vms, isComplete } = await plan(undefined, [], controller);
    assert.deepEqual([vms, isComplete], [[], false]);
  });

  it("needs a store that is there, where one is named", async () => {
    const reason = (await failureOf(plan(join(top, "missing")), "store-missing")).store;
    assert.equal(reason, join(top, "missing"));
  });

  it("only tells of what a dead backup left", async () => {
    const guard = join(top, "host/state", uuid);
    writeFileSync(join(guard, "journal"), "");
    writeFileSync(join(guard, "header"), "backup-id\t20261123-012500-a1b2c3\nvm\tweb\nlease-seconds\t120\n");
    writeFileSync(join(guard, "state"), "open\n");
    const before = files();
    const fate = (await plan()).vms.find(({ vm }) => vm === "web")?.fate;
    assert.ok(fate?.kind === "restore-first");
    assert.equal(fate.backupId, "20261123-012500-a1b2c3");
    assert.ok((fate.backup?.copyBytes ?? 0) > 0);
    assert.equal(files(), before);
  });
});
