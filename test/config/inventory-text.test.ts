import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inventoryText, type NotedHost } from "../../lib/config/inventory-text.ts";
import type { Inventory } from "../../lib/config/inventory.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { isLeftOut } from "../../lib/config/vm-rules.ts";

/** Names that hosts may give. */
const hostile = [
  ...["web", "# no comment", "a: b", "- item", '"quoted"', "it's", "back\\slash", "*", "?", "[x]", "{y}"],
  ...[
    "line\nhosts: {}",
    "line\r\nend",
    "\u0085next",
    "\u2028separated",
    "tab\there",
    "nul\u0000",
    "\u001b[31m",
  ],
  ...[
    "umlaut ä",
    "emoji 🚀",
    "\u{e0001}tag",
    "\ud800alone",
    "&a",
    "!tag",
    "%x",
    "@x",
    "`x`",
    "null",
    "101",
    " pad ",
  ],
];

function write(hosts: readonly NotedHost[], defaults = {}): string {
  return inventoryText({ schema: "../schema/x.json", remarks: ["", "A remark"], defaults, hosts });
}

function read(text: string): Inventory {
  const reading = readInventory(text, "i.yaml");
  assert.ok("inventory" in reading, `${text}\n${JSON.stringify(reading)}`);
  return reading.inventory;
}

describe("inventoryText()", () => {
  it("names hosts in their order, with what is said of each, and tells editors of the schema", () => {
    const plain = { remarks: [], refused: [] };
    const text = write(
      [
        { name: "kvm2", entry: {}, remarks: ["2 VMs"], refused: [] },
        { name: "fd00::1", entry: { user: "root", port: 22, sudo: true }, ...plain },
        { name: "101", entry: { address: "no", user: "null" }, ...plain },
      ],
      { uri: "qemu:///system" },
    );
    assert.equal(
      text,
      `# yaml-language-server: $schema=../schema/x.json

# A remark

defaults:
  uri: qemu:///system
hosts:
  # 2 VMs
  kvm2:

  fd00::1:
    user: root
    port: 22
    sudo: true

  "101":
    address: no
    user: "null"
`,
    );
    const { hosts } = read(text);
    assert.deepEqual(
      new Map(hosts.map(({ name, reach }) => [name, reach])),
      new Map([
        ["101", { address: "no", user: "null" }],
        ["kvm2", {}],
        ["fd00::1", { user: "root", port: 22, sudo: true }],
      ]),
    );
  });

  it("keeps whatever hosts call their VMs in comments, of which each becomes that VM's exclusion", () => {
    for (const entry of [{}, { user: "me" }]) {
      const refused = hostile.map((vm) => ({ vm, why: `because of ${vm}` }));
      const text = write([{ name: "kvm1", entry, remarks: hostile, refused }]);
      const rules = read(text).hosts[0]!.vms;
      assert.deepEqual([rules.exclude, rules.each], [[], []]);
      // What a person does in an editor.
      const [head = "", suggestion = ""] = text.split(/^(?= {4}# vms:$)/m);
      const used = read(head + suggestion.replaceAll(/^ {4}# /gm, "    ")).hosts[0]!.vms;
      assert.equal(used.exclude.length, hostile.length);
      for (const vm of hostile) assert.equal(isLeftOut(used, vm), true, JSON.stringify(vm));
      for (const vm of ["other", "webx", "x", "y", "lineX"]) assert.equal(isLeftOut(used, vm), false, vm);
    }
  });
});
