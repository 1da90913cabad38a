// Ansible's inventories as its own manual writes them, in all three forms.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ansibleInventory } from "../../lib/config/ansible-inventory.ts";
import { readAnsibleIni } from "../../lib/config/ansible-ini.ts";
import { readAnsibleJson } from "../../lib/config/ansible-json.ts";
import { isAnsibleYaml, readAnsibleYaml } from "../../lib/config/ansible-yaml.ts";
import { expandRange } from "../../lib/config/expand-range.ts";
import type { Inventory, InventoryReading } from "../../lib/config/inventory.ts";
import { readYaml } from "../../lib/config/yaml-document.ts";
import { describeInventory } from "../../lib/report/describe-inventory.ts";

const file = "hosts.ini";
const fromIni = (text: string): InventoryReading => ansibleInventory(readAnsibleIni(text, file), file);
const fromJson = (value: unknown): InventoryReading =>
  ansibleInventory(readAnsibleJson(JSON.stringify(value), file), file);
function fromYaml(text: string): InventoryReading {
  const document = readYaml(text, file);
  assert.ok("lineOf" in document);
  assert.equal(isAnsibleYaml(document.value), true);
  return ansibleInventory(readAnsibleYaml(document, file), file);
}

function inventoryOf(reading: InventoryReading): Inventory {
  if ("problems" in reading) throw new Error(describeInventory(reading.problems));
  return reading.inventory;
}
const linesOf = (reading: InventoryReading): readonly string[] =>
  "problems" in reading ? describeInventory(reading.problems).split("\n  ").slice(1) : [];

/** The same inventory in three forms. */
const ini = `# comment
; another
bastion.example.org ansible_connection=local

[web]
web[01:02].example.org:2201 ansible_user=root   # the port is sshd's
"Größe-1" ansible_host=10.0.0.9 ansible_ssh_private_key_file='/keys/a b' virtfold_max_backups=3

[db]
db1 ansible_host=fd00::1 ansible_become=yes ansible_ssh_common_args='-o StrictHostKeyChecking=no -o ProxyJump=me@jump:22'

[dc:children]
web
db

[dc:vars]
ansible_user = backup
virtfold_tags = eu,prod

[all:vars]
ansible_user=nobody
ansible_port=22
http_port=80
`;

const yaml = `
all:
  vars: { ansible_user: nobody, ansible_port: 22, http_port: 80 }
  hosts:
    bastion.example.org: { ansible_connection: local }
  children:
    dc:
      vars: { ansible_user: backup, virtfold_tags: [eu, prod] }
      children:
        web:
          hosts:
            web[01:02].example.org: { ansible_port: 2201, ansible_user: root }
            Größe-1: { ansible_host: 10.0.0.9, ansible_ssh_private_key_file: /keys/a b, virtfold_max_backups: 3 }
        db:
          hosts:
            db1:
              ansible_host: fd00::1
              ansible_become: true
              ansible_ssh_common_args: -o StrictHostKeyChecking=no -o ProxyJump=me@jump:22
`;

const json = {
  _meta: {
    hostvars: {
      "bastion.example.org": { ansible_connection: "local" },
      "web01.example.org": { ansible_port: 2201, ansible_user: "root" },
      "web02.example.org": { ansible_port: 2201, ansible_user: "root" },
      "Größe-1": {
        ansible_host: "10.0.0.9",
        ansible_ssh_private_key_file: "/keys/a b",
        virtfold_max_backups: 3,
      },
      db1: {
        ansible_host: "fd00::1",
        ansible_become: true,
        ansible_ssh_common_args: "-o StrictHostKeyChecking=no -o ProxyJump=me@jump:22",
      },
    },
  },
  all: { children: ["ungrouped", "dc"], vars: { ansible_user: "nobody", ansible_port: 22 } },
  ungrouped: ["bastion.example.org"],
  dc: { children: ["web", "db"], vars: { ansible_user: "backup", virtfold_tags: ["eu", "prod"] } },
  web: { hosts: ["web01.example.org", "web02.example.org", "Größe-1"] },
  db: { hosts: ["db1"] },
};

const reach = [
  { name: "bastion.example.org", port: 22, user: "nobody", connection: "local", tags: [] },
  { name: "web01.example.org", port: 2201, user: "root", tags: ["eu", "prod"] },
  { name: "web02.example.org", port: 2201, user: "root", tags: ["eu", "prod"] },
  {
    ...{ name: "Größe-1", address: "10.0.0.9", port: 22, user: "backup", identityFile: "/keys/a b" },
    tags: ["eu", "prod"],
  },
  {
    ...{ name: "db1", address: "fd00::1", port: 22, user: "backup", sudo: true, jump: "me@jump:22" },
    tags: ["eu", "prod"],
  },
];

describe("an Ansible inventory", () => {
  for (const [form, read] of Object.entries({
    "in INI": () => fromIni(ini),
    "in YAML": () => fromYaml(yaml),
    "as a script answers": () => fromJson(json),
  })) {
    it(`${form} says how hosts are reached, near variables before far ones`, () => {
      const { hosts, groups } = inventoryOf(read());
      const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
      assert.deepEqual(
        hosts.map((host) => ({ name: host.name, ...host.reach, tags: host.tags })).toSorted(byName),
        reach.toSorted(byName),
      );
      assert.equal(hosts.find(({ name }) => name === "Größe-1")?.settings.maxBackups, "3");
      assert.deepEqual(groups.get("dc")?.toSorted(), [
        "Größe-1",
        "db1",
        "web01.example.org",
        "web02.example.org",
      ]);
      assert.equal(groups.get("all")?.length, 5);
    });
  }

  it("may have hosts that are reached in ways of its own, which is told when they are to be backed up", () => {
    const { hosts } = inventoryOf(fromIni("win ansible_connection=winrm ansible_host=10.0.0.1\n"));
    assert.deepEqual(hosts[0]?.reach, { address: "10.0.0.1", connection: "winrm" });
  });

  it("may hold secrets, which are not looked into as long as nothing here needs them", () => {
    const { hosts } = inventoryOf(
      fromYaml("all: { hosts: { h: { ansible_become_password: !vault '$ANSIBLE_VAULT;1.1' } } }"),
    );
    assert.deepEqual(hosts[0]?.reach, {});
  });

  it("takes of two groups on one level the later name, as Ansible does", () => {
    const { hosts } = inventoryOf(
      fromIni("[b]\nh\n[a]\nh\n[b:vars]\nansible_user=bee\n[a:vars]\nansible_user=ay\n"),
    );
    assert.equal(hosts[0]?.reach.user, "bee");
  });

  it("tells everything that is wrong, each with its line", () => {
    const text = `[web]
kvm1 ansible_port=many
kvm2 oops
-x
[wbe:vars]
a=1
[dc:children]
web
dbs
[dc:vars]
ansible_host={{ ip }}
nonsense
[a b]
lost
[loop:children]
loop
[web]
n[1:99999999]
k "open
`;
    assert.deepEqual(linesOf(fromIni(text)), [
      `${file}:2: port cannot be "many": the port of sshd, 1 to 65535`,
      `${file}:3: oops sets no variable: write name=value`,
      `${file}:4: a host cannot be called "-x": ssh takes letters, digits, ".", "_", "+" and "-", not first, or an IPv6 address`,
      `${file}:5: there is no group "wbe". Did you mean "web"?`,
      `${file}:9: there is no group "dbs"`,
      `${file}:11: address cannot be "{{ ip }}": name or IP address where the host is, if it is not its name`,
      `${file}:12: nonsense sets no variable: write name=value`,
      `${file}:13: [a b] is no section`,
      `${file}:15: group "loop" is in itself`,
      `${file}:18: n[1:99999999] is no range of at most 10000 hosts`,
      `${file}:19: k "open: a quote is not closed`,
    ]);
  });

  it("tells what is wrong with a script's answer", () => {
    assert.match(linesOf(fromJson([]))[0] ?? "", /^hosts\.ini: its answer to --list is no JSON object$/);
    assert.match(linesOf(fromJson({ web: ["a"] }))[0] ?? "", /has no _meta\.hostvars/);
    assert.match(
      linesOf(fromJson({ _meta: { hostvars: {} }, web: 3 }))[0] ?? "",
      /^hosts\.ini: group "web" is no list/,
    );
  });
});

describe("isAnsibleYaml()", () => {
  for (const [text, is] of [
    ["all: { hosts: { a: } }", true],
    ["web: { hosts: { a: }, vars: { x: 1 } }\ndb: { children: { c: } }", true],
    ["web: { hosts: { a: } }\ndb:", true],
    ["web:", false],
    ["plugin: aws_ec2", true],
    ["groups: { web: { hosts: { a: } } }", false],
    ["hosts: { a: }", false],
    ["gruops: { web: { hosts: { a: } } }", false],
    ["{}", false],
    ["- a", false],
  ] as const) {
    it(`says ${String(is)} of ${JSON.stringify(text)}`, () => {
      const document = readYaml(text, file);
      assert.equal("lineOf" in document && isAnsibleYaml(document.value), is);
    });
  }
});

describe("expandRange()", () => {
  for (const [pattern, names] of [
    ["web", ["web"]],
    ["web[08:11]", ["web08", "web09", "web10", "web11"]],
    ["db-[a:c].x", ["db-a.x", "db-b.x", "db-c.x"]],
    ["n[0:8:4]", ["n0", "n4", "n8"]],
    ["r[1:2]n[1:2]", ["r1n1", "r1n2", "r2n1", "r2n2"]],
    ["n[3:1]", undefined],
    ["n[1:99999]", undefined],
    ["n[x]", undefined],
    ["n[1:9]]", undefined],
    ["[1:100][1:100][1:100]", undefined],
  ] as const) {
    it(`makes of ${pattern} ${names === undefined ? "nothing" : names.join(", ")}`, () => {
      assert.deepEqual(expandRange(pattern), names);
    });
  }
});
