import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { draftHost, type DraftHost } from "../../lib/config/draft-host.ts";

/** What the texts become, one after the other. */
function draft(...texts: readonly string[]): readonly unknown[] {
  const before: DraftHost[] = [];
  return texts.map((text) => {
    const host = draftHost(text, before);
    if (host === undefined) return "again";
    if ("kind" in host) return host.kind;
    before.push(host);
    return host;
  });
}

describe("draftHost()", () => {
  it("keeps what is said of the way, and calls the host by its address", () => {
    assert.deepEqual(draft("kvm1", "me@Größe-2:2222", "root@[fd00::1]:22"), [
      { name: "kvm1", entry: {} },
      { name: "Größe-2", entry: { user: "me", port: 2222 } },
      { name: "fd00::1", entry: { user: "root", port: 22 } },
    ]);
  });

  it("tells machines behind one address apart by their ports", () => {
    assert.deepEqual(draft("gate:2201", "me@gate:2202", "[fd00::1]", "[fd00::1]:9").slice(1), [
      { name: "gate-2202", entry: { address: "gate", user: "me", port: 2202 } },
      { name: "fd00::1", entry: {} },
      { name: "fd00--1-9", entry: { address: "fd00::1", port: 9 } },
    ]);
  });

  it("takes a host once, not with two logins, and never by another's name", () => {
    assert.deepEqual(draft("kvm1", "kvm1", "root@kvm1").slice(1), ["again", "named-twice"]);
    assert.deepEqual(draft("me@gate:1", "me@gate:2", "me@gate:2", "gate-2", "gate-2-ssh").slice(2), [
      "again",
      { name: "gate-2-ssh", entry: { address: "gate-2" } },
      { name: "gate-2-ssh-ssh", entry: { address: "gate-2-ssh" } },
    ]);
  });

  it("refuses VMs, and what ssh must not be given", () => {
    assert.deepEqual(draft("kvm1/web"), ["vm-named"]);
    for (const text of [
      "",
      "-oProxyCommand=x",
      "a b",
      "a\nb",
      "a;b",
      "me@",
      "@b",
      "a:0",
      "a:70000",
      "$(x)",
      "m e@b",
    ])
      assert.deepEqual(draft(text), ["unreadable"], JSON.stringify(text));
  });
});
