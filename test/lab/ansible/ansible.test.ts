// Inventories that are read here as Ansible reads them, where Ansible is not installed. Compared with Ansible itself.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { environment } from "../../../lib/config/load.ts";
import type { InventoryReading } from "../../../lib/config/inventory.ts";
import { readInventoryFile } from "../../../lib/config/read-inventory-file.ts";
import { describeInventory } from "../../../lib/report/describe-inventory.ts";
import { runLocal } from "../../../lib/shell/run-local.ts";
import { needPackages } from "../apt.ts";
import { awkwardInventories } from "./awkward-inventories.ts";

const searchPath = environment()["PATH"];

/** Installs Ansible where this is Debian or Ubuntu and we may. Why there is none, otherwise. */
async function whyNoAnsible(): Promise<string | false> {
  const isThere = async (): Promise<boolean> =>
    (await runLocal(["ansible-inventory", "--version"], { environment: { LC_ALL: "C.UTF-8" } })).code === 0;
  if (await isThere()) return false;
  await needPackages(["ansible-core"]).catch(() => undefined);
  return (await isThere()) ? false : "there is no ansible-inventory: install ansible-core";
}

const skip = await whyNoAnsible();

describe("what Ansible and we make of an inventory is the same:", { skip, timeout: 900_000 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "virtfold-ansible-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function write(name: string, texts: Readonly<Record<string, string>>): Promise<string> {
    for (const [file, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, name, file)), { recursive: true });
      await writeFile(join(folder, name, file), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    }
    return join(folder, name);
  }

  for (const [index, [name, { file, text, refusedHere }]] of Object.entries(awkwardInventories).entries()) {
    it(name, async () => {
      const path = join(await write(`case-${index}`, { [file]: text }), file);
      const theirs = await readInventoryFile({ path, name: file }, searchPath);
      const ours = await readInventoryFile({ path, name: file }, "");
      if (refusedHere !== undefined) {
        assert.ok("problems" in ours);
        assert.match(describeInventory(ours.problems), refusedHere);
      } else if ("problems" in theirs) {
        assert.ok("problems" in ours, "only Ansible refuses it");
      } else {
        assert.deepEqual(meaning(ours), meaning(theirs));
      }
    });
  }

  it("variables in folders beside it, which Ansible reads; without Ansible it is refused, not half read", async () => {
    const beside = { "group_vars/web.yml": "ansible_user: gus\n", "host_vars/a": "ansible_port: 2222\n" };
    const answer = '{"web": ["a"], "_meta": {"hostvars": {"a": {}}}}';
    for (const [file, text] of Object.entries({
      "hosts.ini": "[web]\na\n",
      "hosts.yml": "web: { hosts: { a: } }\n",
      inventory: `#!/bin/sh\necho '${answer}'\n`,
    })) {
      const path = join(await write(`beside-${file}`, { [file]: text, ...beside }), file);
      const theirs = await readInventoryFile({ path, name: file }, searchPath);
      assert.ok("inventory" in theirs, JSON.stringify(theirs));
      assert.deepEqual(theirs.inventory.hosts[0]?.reach, { user: "gus", port: 2222 });
      const ours = await readInventoryFile({ path, name: file }, "");
      assert.ok("problems" in ours);
      assert.match(
        describeInventory(ours.problems),
        /variables in group_vars\/ beside it, which only Ansible reads/,
      );
    }
  });
});

/** Everything but where it stands. */
function meaning(reading: InventoryReading): unknown {
  if ("problems" in reading) return describeInventory(reading.problems);
  const { hosts, groups } = reading.inventory;
  return {
    hosts: new Map(hosts.map(({ place: _place, ...host }) => [host.name, host])),
    groups: new Map(
      [...groups].flatMap(([name, members]) => (members.length === 0 ? [] : [[name, new Set(members)]])),
    ),
  };
}
