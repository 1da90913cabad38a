import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noInventory, type Inventory } from "../../lib/config/inventory.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { resolveTargets, type TargetProblem } from "../../lib/config/resolve-targets.ts";

const reading = readInventory(
  `
defaults: { max_backups: 30 }
groups:
  rack1: { tags: [prod], hosts: { rack1-a: { user: me, port: 2222 }, rack1-b: } }
  rack2: { hosts: { rack2-a: { tags: [prod] } } }
  spare: {}
hosts: { "fd00::1": , "Größe": }
`,
  "i.yaml",
);
assert.ok("inventory" in reading);
const { inventory } = reading;

/** What targets name: `host` or `host/vm`, with `+` for a VM that one of several hosts must have. */
function named(
  texts: readonly string[],
  from: Inventory = inventory,
): readonly string[] | readonly TargetProblem[] {
  const resolved = resolveTargets(texts, from);
  if ("problems" in resolved) return resolved.problems;
  return resolved.hosts.flatMap(({ host, vms }) =>
    vms === undefined
      ? [host.name]
      : vms.map(({ text, sharedTarget }) => `${host.name}/${text}${sharedTarget === undefined ? "" : "+"}`),
  );
}

describe("resolveTargets()", () => {
  const cases: readonly (readonly [targets: readonly string[], names: readonly string[]])[] = [
    [[], ["rack1-a", "rack1-b", "rack2-a", "fd00::1", "Größe"].toSorted()],
    [["rack1-a"], ["rack1-a"]],
    [["rack1-a/web"], ["rack1-a/web"]],
    [["rack1-a/a/b"], ["rack1-a/a/b"]],
    [["rack1"], ["rack1-a", "rack1-b"]],
    [["rack1/web*"], ["rack1-a/web*+", "rack1-b/web*+"]],
    [["rack*-a"], ["rack1-a", "rack2-a"]],
    [["rack?-a/db?"], ["rack1-a/db?+", "rack2-a/db?+"]],
    [["tag:prod"], ["rack1-a", "rack1-b", "rack2-a"]],
    [
      ["rack1-a/web", "rack1-a/db"],
      ["rack1-a/web", "rack1-a/db"],
    ],
    [
      ["rack1-a/web", "rack1"],
      ["rack1-a", "rack1-b"],
    ],
    [["fd00::1/x"], ["fd00::1/x"]],
    [["[fd00::1]"], ["fd00::1"]],
    [["Größe/Ümläut & it's"], ["Größe/Ümläut & it's"]],
    [
      ["elsewhere/vm", "root@10.0.0.7:2222"],
      ["elsewhere/vm", "10.0.0.7:2222"],
    ],
    [["root@rack1-c"], ["rack1-c"]],
  ];
  for (const [targets, names] of cases) {
    it(`takes ${JSON.stringify(targets)} for ${names.join(", ")}`, () => {
      const found = named(targets) as readonly string[];
      assert.deepEqual(targets.length === 0 ? found.toSorted() : found, names);
    });
  }

  it("takes a bare localhost for this machine, unless the inventory has one or the target names a login or a port", () => {
    const connection = (text: string, from: Inventory = noInventory): string | undefined => {
      const resolved = resolveTargets([text], from);
      return "hosts" in resolved ? resolved.hosts[0]?.host.reach.connection : "refused";
    };
    assert.equal(connection("localhost"), "local");
    assert.equal(connection("localhost/web", inventory), "local");
    for (const text of ["me@localhost", "localhost:22", "127.0.0.1", "localhost2"])
      assert.equal(connection(text), undefined, text);
    const own = readInventory("hosts: { localhost: , kvm1: { connection: local, sudo: true } }", "i.yaml");
    assert.ok("inventory" in own);
    assert.equal(connection("localhost", own.inventory), undefined);
    assert.equal(connection("kvm1", own.inventory), "local");
    assert.equal(connection("root@kvm1", own.inventory), undefined);
  });

  const refused: readonly (readonly [target: string, problem: Partial<TargetProblem>])[] = [
    ["rack1-c", { kind: "unknown", what: "host or group", nearest: "rack1-a" }],
    ["rakc1", { kind: "unknown", what: "host or group", nearest: "rack1" }],
    ["rack9*", { kind: "unknown", what: "host", nearest: undefined }],
    ["rack1-x*", { kind: "unknown", what: "host", nearest: "rack1-a" }],
    ["tag:pord", { kind: "unknown", what: "tag", nearest: "prod" }],
    ["spare", { kind: "empty-group" }],
    ["-oProxyCommand=x", { kind: "unreadable" }],
    ["root@-x", { kind: "unreadable" }],
    ["/vm", { kind: "unreadable" }],
    ["rack1/", { kind: "unreadable" }],
    ["", { kind: "unreadable" }],
  ];
  it("tells of every target that names nothing, and what was meant", () => {
    assert.deepEqual(
      named(refused.map(([text]) => text)),
      refused.map(([text, problem]) => ({ ...problem, text })),
    );
  });

  it("takes any host for one when there is no inventory", () => {
    assert.deepEqual(named(["rack1-c", "root@kvm1:22/web"], noInventory), ["rack1-c", "kvm1:22/web"]);
  });

  it("keeps the rules of a host that is named with another login, and the defaults for strangers", () => {
    const resolved = resolveTargets(["root@rack1-a", "else"], inventory);
    assert.ok("hosts" in resolved);
    const [known, stranger] = resolved.hosts;
    assert.deepEqual([known?.destination, known?.host.reach], ["root@rack1-a", { port: 2222 }]);
    assert.deepEqual([known?.host.settings.maxBackups, stranger?.host.settings.maxBackups], ["30", "30"]);
  });
});
