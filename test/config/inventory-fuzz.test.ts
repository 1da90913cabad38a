// Whatever is in a file: the readers answer with an inventory or with what is wrong, and throw nothing. Bounded and with a
// fixed seed, so that it finds the same on every machine.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ansibleInventory } from "../../lib/config/ansible-inventory.ts";
import { readAnsibleIni } from "../../lib/config/ansible-ini.ts";
import { readAnsibleJson } from "../../lib/config/ansible-json.ts";
import { isAnsibleYaml, readAnsibleYaml } from "../../lib/config/ansible-yaml.ts";
import type { InventoryReading } from "../../lib/config/inventory.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { readYaml } from "../../lib/config/yaml-document.ts";
import { describeInventory } from "../../lib/report/describe-inventory.ts";
import { numbersFrom } from "../support/numbers-from.ts";

const pieces = [
  ...[
    "store: ",
    "defaults:",
    "groups:",
    "hosts:",
    "vms:",
    "settings:",
    "include:",
    "exclude:",
    "kvm1",
    "kvm2:",
  ],
  ...[
    "\n",
    "\n  ",
    "\n    ",
    "\n\t",
    " ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "|\n",
  ],
  ...[
    "'",
    '"',
    "\\",
    "#",
    "---\n",
    "%YAML 1.2\n",
    "\0",
    "\u2028",
    "\ud800",
    "é",
    "🐧",
    "__proto__: ",
    "constructor: ",
  ],
  ...[
    "[all:vars]\n",
    "[web:children]\n",
    "[web]\n",
    "web[01:50] ",
    "a=b",
    "ansible_port=",
    "ansible_become=yes",
  ],
  ...[
    "0",
    "-1",
    "1e99",
    "null",
    "true",
    "~",
    "port: 22",
    "priority: ",
    "tags: [x]",
    '{"all":{"hosts":["a"]},',
    '"_meta":',
  ],
];

const readers: Readonly<Record<string, (text: string) => InventoryReading>> = {
  "our own format": (text) => readInventory(text, "f"),
  "Ansible's INI": (text) => ansibleInventory(readAnsibleIni(text, "f"), "f"),
  "Ansible's YAML": (text) => {
    const document = readYaml(text, "f");
    if (!("lineOf" in document)) return document;
    assert.equal(typeof isAnsibleYaml(document.value), "boolean");
    return ansibleInventory(readAnsibleYaml(document, "f"), "f");
  },
  "a script's answer": (text) => ansibleInventory(readAnsibleJson(text, "f"), "f"),
};

describe("on texts of any kind", () => {
  for (const [name, read] of Object.entries(readers)) {
    it(`the reader of ${name} throws nothing`, () => {
      const next = numbersFrom(4);
      for (let round = 0; round < 1500; round += 1) {
        const text = Array.from({ length: next(30) }, () => pieces[next(pieces.length)]).join("");
        let reading: InventoryReading;
        try {
          reading = read(text);
        } catch (error) {
          throw new Error(`It throws at ${JSON.stringify(text)}`, { cause: error });
        }
        if ("inventory" in reading) continue;
        assert.ok(reading.problems.length > 0, JSON.stringify(text));
        const lines = describeInventory(reading.problems);
        assert.doesNotMatch(lines, /undefined|\[object|[\0\t\r]/, JSON.stringify(text));
      }
    });
  }
});
