// Inventories as they lie on a disk: files, folders, programs.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Inventory } from "../../lib/config/inventory.ts";
import { loadInventory } from "../../lib/config/load-inventory.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { describeFailure } from "../../lib/report/describe-failure.ts";

const directory = mkdtempSync(join(tmpdir(), "virtfold-inventory-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Writes files, executable when they begin like a program. */
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
    if (text.startsWith("#!")) chmodSync(join(directory, name), 0o755);
  }
}

async function load(path: string | undefined, searchPath?: string): Promise<Inventory | undefined> {
  return await loadInventory({ path, directory, searchPath });
}
async function hostsOf(path: string, searchPath?: string): Promise<readonly string[]> {
  return (await load(path, searchPath))?.hosts.map(({ name }) => name) ?? [];
}
async function complaintOf(path: string): Promise<string> {
  const error: unknown = await load(path).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof BackupError && error.reason.kind === "inventory-bad");
  return describeFailure(error.reason).split("\n  ").slice(1).join("\n");
}

const answer =
  '{"_meta": {"hostvars": {"dyn1": {"ansible_port": 2222}}}, "web": {"hosts": ["dyn1", "dyn2"]}}';

describe("loadInventory()", () => {
  it("takes hosts/inventory.yaml when it is there, and does without when nobody asked for one", async () => {
    assert.equal(await load(undefined), undefined);
    write({ hosts: "[web]\nkvm1\n" });
    assert.equal(await load(undefined), undefined);
    rmSync(join(directory, "hosts"));
    write({ "hosts/inventory.yaml": "hosts: { kvm1: }\n" });
    assert.deepEqual((await load(undefined))?.hosts[0]?.place, { file: "hosts/inventory.yaml", line: 1 });
  });

  it("knows each kind by extension or content", async () => {
    write({
      "own.yml": "hosts: { own: }\n",
      "ansible.yaml": "all: { hosts: { any: } }\n",
      "plain.ini": "[web]\nini\n",
      noext: "web:\n  hosts:\n    yam:\n",
      hosts2: "# comment\n[web]\nnoext\n",
      "crlf.ini": "\uFEFF[web]\r\ncrlf ansible_port=1\r\n",
    });
    assert.deepEqual(
      await Promise.all(
        ["own.yml", "ansible.yaml", "plain.ini", "noext", "hosts2", "crlf.ini"].map((name) => hostsOf(name)),
      ),
      [["own"], ["any"], ["ini"], ["yam"], ["noext"], ["crlf"]],
    );
  });

  it("runs a script with --list", async () => {
    write({ "it's a script": `#!/bin/sh\n[ "$1" = --list ] && echo '${answer}'\n` });
    const inventory = await load("it's a script");
    assert.deepEqual(
      inventory?.hosts.map(({ name, reach }) => [name, reach.port]),
      [
        ["dyn1", 2222],
        ["dyn2", undefined],
      ],
    );
  });

  it("tells of scripts that fail, that say nothing sound, and that say too much", async () => {
    write({
      fails: "#!/bin/sh\necho 'no credentials' >&2; exit 3\n",
      babbles: "#!/bin/sh\necho hello\n",
      floods: "#!/bin/sh\nexec cat /dev/zero\n",
    });
    assert.match(await complaintOf("fails"), /^fails: .*\/fails ended with 3: no credentials$/);
    assert.match(await complaintOf("babbles"), /^babbles: its answer to --list is no JSON object$/);
    assert.match(await complaintOf("floods"), /^floods: .*\/floods answered more than 16777216 bytes$/);
  });

  it("has ansible-inventory read what is Ansible's, where that is installed", async () => {
    write({
      "bin/ansible-inventory": `#!/bin/sh\n[ "$1 $3" = "-i --list" ] && [ "$ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED $LC_ALL" = "1 C.UTF-8" ] && echo '${answer}'\n`,
      "for-ansible.ini": "[web]\nnot-read-by-us\n",
    });
    const searchPath = `/nowhere:${join(directory, "bin")}`;
    const before = process.env["PATH"];
    process.env["PATH"] = `${searchPath}:${before ?? ""}`;
    try {
      assert.deepEqual(await hostsOf("for-ansible.ini", searchPath), ["dyn1", "dyn2"]);
      assert.deepEqual(await hostsOf("ansible.yaml", searchPath), ["dyn1", "dyn2"]);
      assert.deepEqual(await hostsOf("own.yml", searchPath), ["own"]);
    } finally {
      process.env["PATH"] = before;
    }
    assert.deepEqual(await hostsOf("for-ansible.ini"), ["not-read-by-us"]);
  });

  it("joins the files of a folder, and leaves out notes, examples and copies", async () => {
    write({
      "all/a.yaml": "store: /s\ndefaults: { lease: 10 }\ngroups: { web: { hosts: { a1: } } }\n",
      "all/b.yaml": "store: /s\ngroups: { web: { hosts: { b1: } } }\n",
      "all/c.ini": "[db]\nc1\n",
      "all/README.md": "# not: yaml\n",
      "all/example.yaml": "hosts: { no: }\n",
      "all/a.yaml~": "hosts: { no: }\n",
      "all/notes/web.yml": "x: 1\n",
    });
    const inventory = await load("all");
    assert.deepEqual(
      inventory?.hosts.map(({ name, settings }) => [name, settings.leaseSeconds]),
      [
        ["a1", "10"],
        ["b1", undefined],
        ["c1", undefined],
      ],
    );
    assert.deepEqual(inventory?.groups.get("web"), ["a1", "b1"]);
    assert.deepEqual(inventory?.run, { store: "/s" });
  });

  it("tells all that is wrong in all files of a folder", async () => {
    write({
      "bad/a.yaml": "store: /s\nhosts: { x: }\n",
      "bad/b.yaml": "store: /t\nhosts:\n  x:\n",
      "bad/c.yaml": "hsots: {}\n",
    });
    assert.equal(
      await complaintOf("bad"),
      [
        'bad/c.yaml:1: unknown key "hsots". Did you mean "hosts"?',
        'bad/b.yaml:3: host "x" has its name from bad/a.yaml:2 already. Names of hosts and groups stand for one thing',
        "bad/b.yaml:1: store is something else than in bad/a.yaml:1",
      ].join("\n"),
    );
  });

  it("tells of what is not there, or nothing to read", async () => {
    write({ "empty/README.md": "" });
    assert.equal(await complaintOf("missing.yaml"), "missing.yaml: there is no such file");
    assert.equal(await complaintOf("empty"), "empty: there is no inventory in this folder");
    assert.match(await complaintOf("/dev/null"), /^\/dev\/null: it is neither a file nor a folder$/);
  });
});
