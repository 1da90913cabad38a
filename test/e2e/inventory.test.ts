// Backups by inventory: groups, patterns, VMs that are left out, settings of single VMs, and a host that is reached only
// by what the inventory says of it.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { assertHostAsBefore, rememberHost, type HostMemory } from "./support/host-memory.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { backupFolders } from "./support/store-memory.ts";
import { openTestHost, type TestHost } from "./support/test-host.ts";
import { thorough } from "./support/thorough.ts";
import { onlySentence, runBackup, type RunEnd } from "./support/virtfold-process.ts";

/** What the inventory calls the host; nothing else knows it by that name. */
const name = "Größe-1";
const vms = ["web", "off"];

describe("an inventory", { timeout: 900_000 }, () => {
  let test: TestHost;
  let scratch: ScratchFolder;
  let memory: HostMemory;
  let reach: Readonly<Record<"HostName" | "IdentityFile" | "UserKnownHostsFile", string>>;
  before(async () => {
    // A host that no other test gives more VMs.
    test = await openTestHost("hv-inventory", vms);
    scratch = await makeScratchFolder();
    memory = await rememberHost(test.host, vms);
    const config = await readFile(test.lab.sshConfig, "utf8");
    const value = (key: string): string => new RegExp(`^  ${key} (.*)$`, "m").exec(config)![1]!;
    reach = {
      HostName: test.host.address,
      IdentityFile: value("IdentityFile"),
      UserKnownHostsFile: value("UserKnownHostsFile"),
    };
    // All that ssh is told elsewhere is where host keys are.
    await writeFile(
      join(scratch.directory, "ssh_config"),
      `Host *\n  UserKnownHostsFile ${reach.UserKnownHostsFile}\n  IdentityAgent none\n  BatchMode yes\n`,
    );
  });
  after(() => scratch?.remove());

  /** A folder with an inventory in its usual place and a store that the inventory names. */
  async function writeInventory(
    vmsEntry: string,
  ): Promise<{ readonly directory: string; readonly store: string }> {
    const store = await scratch.newStore();
    const directory = `${store}-work`;
    await mkdir(join(directory, "hosts"), { recursive: true });
    await writeFile(
      join(directory, "hosts/inventory.yaml"),
      `store: ${store}
defaults: { user: root, identity_file: ${reach.IdentityFile} }
groups:
  rack1:
    tags: [lab]
    hosts: { ${name}: { address: ${reach.HostName}, port: 22 } }
    vms: ${vmsEntry}
`,
    );
    return { directory, store };
  }

  async function run(args: readonly string[], directory: string, command?: "list"): Promise<RunEnd> {
    const config = ["--ssh-config", join(scratch.directory, "ssh_config")];
    return await runBackup([...args, ...config], {
      directory,
      ...(command === undefined ? {} : { command }),
    });
  }
  const stored = async (store: string, vm: string): Promise<number> =>
    (await backupFolders(store, name, vm)).length;

  it("is what a group, a tag, or no target at all is found in; VMs it excludes are left out, and told of", async () => {
    const { directory, store } = await writeInventory(`{ exclude: ["o*"] }`);
    for (const [index, targets] of [["rack1"], ["tag:lab"], []].entries()) {
      const end = await run([...targets, "--verbose"], directory);
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stderr, /Größe-1: left out by the inventory: "off"$/m);
      assert.deepEqual([await stored(store, "web"), await stored(store, "off")], [index + 1, 0]);
    }
    const list = await run(["rack1/w*"], directory, "list");
    assert.equal(list.code, 0, list.stderr);
    assert.equal(list.stdout.match(/^Größe-1 +web /gm)?.length, 3, list.stdout);
    await assertHostAsBefore(test.host, memory);
  });

  thorough(
    "takes patterns on both sides, and has settings for single VMs, which flags overrule",
    async () => {
      const { directory, store } = await writeInventory(
        "{ settings: { off: { max_backups: 1, priority: 5 }, w*: { quiesce: never } } }",
      );
      const all = await run(["Gr*/*", "--per-host", "1"], directory);
      assert.equal(all.code, 0, all.stderr);
      assert.ok(
        all.stderr.indexOf("/off: Backup started") < all.stderr.indexOf("/web: Backup started"),
        all.stderr,
      );
      assert.match(all.stderr, /\/web: Snapshot taken, crash-consistent/);
      const two = await run(["Gr*/o?f"], directory);
      assert.equal(two.code, 0, two.stderr);
      assert.deepEqual([await stored(store, "web"), await stored(store, "off")], [1, 1]);
      const three = await run([`${name}/off`, "--max-backups", "3"], directory);
      assert.equal(three.code, 0, three.stderr);
      assert.equal(await stored(store, "off"), 2);
      await assertHostAsBefore(test.host, memory);
    },
  );

  it("with a target that no VM of a group fits: names those there are", async () => {
    const { directory } = await writeInventory("{}");
    const end = await run(["rack1/x*"], directory);
    assert.equal(end.code, 3, end.stderr);
    assert.match(
      onlySentence(end),
      /^Cannot find a VM for "rack1\/x\*" on "Größe-1"; these have (?=.*"web")(?=.*"off").*\. Name one of these$/,
    );
  });

  it("that is wrong is told of with file and line, all at once, before any host is asked", async () => {
    const { directory } = await writeInventory("{ exlude: [a], settings: { web: { quiesce: maybe } } }");
    const end = await run(["rack1"], directory);
    assert.equal(end.code, 2);
    assert.match(end.stderr, /^ERROR: Cannot use the inventory \(2 problems\)/);
    assert.match(
      end.stderr,
      /^ {2}hosts\/inventory\.yaml:7: unknown key "exlude" .*Did you mean "exclude"\?$/m,
    );
    assert.match(
      end.stderr,
      /^ {2}hosts\/inventory\.yaml:7: .*quiesce cannot be "maybe": auto, require or never/m,
    );
    assert.match((await run(["rack1"], directory, "list")).stderr, /hosts\/inventory\.yaml:7/);
  });

  it("names what was meant by a target that it has not, and refuses what does not work yet", async () => {
    const { directory } = await writeInventory("{}");
    const slip = await run(["rakc1"], directory);
    assert.equal(slip.code, 2);
    assert.match(
      slip.stderr,
      /Cannot find target "rakc1": the inventory has no such host or group: did you mean "rack1"\?/,
    );
    const file = join(directory, "ansible.ini");
    await writeFile(file, "[web]\nhv1 ansible_connection=winrm\n");
    const local = await run(["web", "--inventory", file, "--store", directory], directory);
    assert.equal(local.code, 2);
    assert.match(
      local.stderr,
      /The inventory asks for a connection other than ssh or local, which is not supported yet, for "hv1": /,
    );
  });
});
