import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Inventory } from "../../lib/config/inventory.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { describeInventory } from "../../lib/report/describe-inventory.ts";

const file = "hosts/inventory.yaml";

/** What a text says. */
function inventoryOf(text: string): Inventory {
  const reading = readInventory(text, file);
  if ("problems" in reading) throw new Error(describeInventory(reading.problems));
  return reading.inventory;
}

/** What is wrong with a text: a line each. */
function linesOf(text: string): readonly string[] {
  const reading = readInventory(text, file);
  return "problems" in reading ? describeInventory(reading.problems).split("\n  ").slice(1) : [];
}

describe("readInventory()", () => {
  it("reads the example of the documentation", () => {
    const inventory = inventoryOf(`
store: /srv/backups/libvirt
defaults: { user: backup, sudo: true, max_backups: 6 }
groups:
  rack1:
    hosts:
      kvm1:
      kvm2: { address: 10.0.0.12, port: 2222, jump: bastion }
    vms: { exclude: ["scratch-*"] }
  lab:
    max_backups: 2
    hosts: { oldbox: { user: root, uri: "qemu:///system", per_host: 1 } }
`);
    assert.deepEqual(inventory.run, { store: "/srv/backups/libvirt" });
    assert.deepEqual(
      inventory.hosts.map(({ name, reach, settings }) => ({ name, ...reach, settings })),
      [
        { name: "kvm1", user: "backup", sudo: true, settings: { maxBackups: "6" } },
        {
          name: "kvm2",
          ...{ address: "10.0.0.12", user: "backup", port: 2222, jump: "bastion", sudo: true },
          settings: { maxBackups: "6" },
        },
        {
          name: "oldbox",
          ...{ user: "root", sudo: true },
          settings: { uri: "qemu:///system", maxBackups: "2", perHost: "1" },
        },
      ],
    );
    assert.deepEqual(inventory.hosts[0]?.vms.exclude, ["scratch-*"]);
    assert.deepEqual(
      [...inventory.groups],
      [
        ["rack1", ["kvm1", "kvm2"]],
        ["lab", ["oldbox"]],
      ],
    );
    assert.deepEqual(inventory.hosts[1]?.place, { file, line: 8 });
  });

  it("reads groups in groups: the inner one is nearer, tags and excluded VMs add up", () => {
    const inventory = inventoryOf(`
groups:
  dc1:
    tags: [eu]
    lease: 60
    priority: 1
    vms: { exclude: [tmp], include: ["a*"], settings: { db1: { priority: 9 } } }
    groups:
      rack1:
        tags: [fast, eu]
        lease: 30
        vms: { exclude: [scratch], settings: { "db*": { priority: 5 }, "101": { exclude: true } } }
        hosts: { kvm1: { vms: { include: ["b*"] } }, kvm2: }
`);
    const [kvm1, kvm2] = inventory.hosts;
    assert.deepEqual(kvm1?.tags.toSorted(), ["eu", "fast"]);
    assert.deepEqual([kvm1?.settings.leaseSeconds, kvm1?.priority], ["30", 1]);
    assert.deepEqual(kvm1?.vms.exclude, ["scratch", "tmp"]);
    assert.deepEqual([kvm1?.vms.include, kvm2?.vms.include], [["b*"], ["a*"]]);
    assert.deepEqual(
      kvm1?.vms.each.map(({ pattern }) => pattern),
      ["101", "db1", "db*"],
    );
    assert.deepEqual(inventory.groups.get("dc1"), ["kvm1", "kvm2"]);
  });

  it("reads awkward names of hosts and VMs, anchors, hosts without groups, and nothing at all", () => {
    const name = `Ümläut & <Söhne> "it's"`;
    const { hosts } = inventoryOf(`
hosts: { "fe80::1%eth0": &x { port: 2222 }, Größe-1.example.org: *x }
defaults: { vms: { settings: { ${JSON.stringify(name)}: { quiesce: never } } } }
`);
    assert.deepEqual(
      hosts.map(({ reach }) => reach.port),
      [2222, 2222],
    );
    assert.equal(hosts[0]?.vms.each[0]?.pattern, name);
    assert.deepEqual(inventoryOf("# nothing\n").hosts, []);
  });

  it("tells everything that is wrong at once, each with its line and what was meant", () => {
    assert.deepEqual(
      linesOf(`store: backups
defalts: {}
groups:
  rack1:
    hosts:
      kvm1:
      kvm1: { port: 0 }
      -oProxyCommand=x: {}
      kvm2: { address: "a b", jump: "-x", compress: yes }
    vms: { exlude: [a], settings: { web: { quiesce: maybe } } }
  3: {}
  lab: { hosts: { kvm2: } }
hosts: { lab: }
`),
      [
        `${file}:1: store cannot be "backups": folder that holds the backups, an absolute path`,
        `${file}:2: unknown key "defalts". Did you mean "defaults"?`,
        `${file}:7: key "kvm1" in groups.rack1.hosts is there twice, first in line 6`,
        `${file}:7: groups.rack1.hosts.kvm1.port cannot be 0: the port of sshd, 1 to 65535`,
        `${file}:8: a host cannot be called "-oProxyCommand=x": ssh takes letters, digits, ".", "_", "+" and "-", not first, or an IPv6 address`,
        `${file}:9: groups.rack1.hosts.kvm2.address cannot be "a b": name or IP address where the host is, if it is not its name`,
        `${file}:9: groups.rack1.hosts.kvm2.compress cannot be "yes": true or false: compress qcow2 images in the store`,
        `${file}:9: groups.rack1.hosts.kvm2.jump cannot be "-x": hosts on the way as ssh -J takes them, such as bastion or me@bastion:2222; none for none`,
        `${file}:10: groups.rack1.vms.settings.web.quiesce cannot be "maybe": auto, require or never: freeze guest file systems for the snapshot`,
        `${file}:10: unknown key "exlude" in groups.rack1.vms. Did you mean "exclude"?`,
        `${file}:11: key "3" in groups is not a text. Put it in quotes if it is meant to be one`,
        `${file}:12: host "kvm2" has its name from ${file}:9 already. Names of hosts and groups stand for one thing`,
        `${file}:12: group "lab" has its name from ${file}:13 already. Names of hosts and groups stand for one thing`,
      ],
    );
  });

  const bombs = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefgh"
    .split("")
    .map((letter, index) => `${letter}: &${letter} [${`*${"abcdefgh"[index] ?? ""}, `.repeat(9)}]\n`)
    .join("")}`;
  const refused: readonly (readonly [name: string, text: string, line: RegExp])[] = [
    ["a tab", "hosts:\n\tkvm1:\n", /:2: Tabs are not allowed as indentation$/],
    ["an unclosed bracket", "hosts: { kvm1: \n", /:1: Flow map .* end with a \}$/],
    ["two documents", "--- {}\n--- {}\n", /:2: Source contains multiple documents$/],
    ["a tag", "store: !!js/function x\n", /:1: Unresolved tag/],
    ["an alias without an anchor", "hosts: *x\n", /:1: There is no anchor &x before it$/],
    ["a list", "- kvm1\n", /:1: the file cannot be a list: a mapping of store, /],
    ["a mapping as a key", "hosts: { [a]: {} }\n", /:1: key "\[…\]" in hosts is not a text/],
    ["a key that objects have", "hosts: { __proto__: {} }\n", /:1: key "__proto__" in hosts is not a text/],
    ["aliases that multiply", bombs, /: there is too much in it: more than 100000 values$/],
    ["an anchor around itself", "hosts: &a { k: *a }\n", /nested too deeply/],
    ["brackets without end", "[".repeat(100_000), /: there is too much in it: more than 40 levels$/],
    ["too many bytes", `# ${"x".repeat(2 ** 20)}`, /: there is too much in it: more than 1048576 bytes$/],
    ["groups in groups in groups", "groups: {g: {".repeat(30), /more than 40 levels|cannot|flow/i],
  ];
  for (const [name, text, line] of refused) {
    it(`refuses ${name}`, () => {
      const [first = ""] = linesOf(text);
      assert.match(first, line);
    });
  }

  for (const name of [
    "-x",
    "a b",
    `it's`,
    `"q"`,
    "a/b",
    "user@kvm1",
    "kvm1:22",
    "a;b",
    "$(id)",
    "*",
    "é|x",
    "\\x",
    "",
  ]) {
    it(`refuses a host called ${JSON.stringify(name)}`, () => {
      assert.equal(linesOf(`hosts: { ${JSON.stringify(name)}: {} }\n`).length, 1);
    });
  }
});
