import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatHost, parseTarget } from "../../lib/config/target.ts";

const uri = "qemu:///system";

describe("parseTarget()", () => {
  const cases: readonly (readonly [
    string,
    { name: string; destination: string; port?: number; vm?: string },
  ])[] = [
    ["kvm1", { name: "kvm1", destination: "kvm1" }],
    ["kvm1/web", { name: "kvm1", destination: "kvm1", vm: "web" }],
    ["root@kvm1", { name: "kvm1", destination: "root@kvm1" }],
    [
      "root@10.0.0.7:2222/web",
      { name: "10.0.0.7:2222", destination: "root@10.0.0.7", port: 2222, vm: "web" },
    ],
    ["[fe80::1%eth0]:22/a", { name: "fe80::1%eth0:22", destination: "fe80::1%eth0", port: 22, vm: "a" }],
    ["root@[::1]", { name: "::1", destination: "root@::1" }],
    [`kvm1/Ümläut & <Söhne> "it's"`, { name: "kvm1", destination: "kvm1", vm: `Ümläut & <Söhne> "it's"` }],
    ["kvm1/a/b", { name: "kvm1", destination: "kvm1", vm: "a/b" }],
    ["kvm1/two\nlines", { name: "kvm1", destination: "kvm1", vm: "two\nlines" }],
  ];
  for (const [text, { name, destination, port, vm }] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseTarget(text, { uri }), {
        host: { name, destination, uri, ...(port === undefined ? {} : { port }) },
        vm,
      });
    });

    it(`spells the host of ${JSON.stringify(text)} so that it reads as the same`, () => {
      const host = parseTarget(text, { uri })?.host;
      assert.deepEqual(host && parseTarget(formatHost(host), { uri }), { host, vm: undefined });
    });
  }

  for (const text of [
    "",
    "/vm",
    "kvm1/",
    "-oProxyCommand=x",
    "root@-x",
    "a b",
    "kvm1:0",
    "kvm1:99999",
    "kvm1:x",
    "[::1",
    "a@b@c",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parseTarget(text, { uri }), undefined);
    });
  }
});
