import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { priorityOf, settingsFor } from "../../lib/config/host-request.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { isLeftOut } from "../../lib/config/vm-rules.ts";

const reading = readInventory(
  `
store: /inventory
defaults: { max_backups: 1, lease: 10, quiesce: never, overlay_budget: 1G, bwlimit: 20M, compress: true }
groups:
  g:
    max_backups: 2
    lease: 20
    bwlimit: 300
    overlay_dir: /group
    vms: { exclude: ["tmp*"], settings: { "db*": { max_backups: 5, priority: 1, exclude: false } } }
    hosts:
      h:
        max_backups: 3
        priority: -1
        vms: { include: ["db*", "tmp*", "web"], settings: { db1: { max_backups: 4 }, tmp2: { exclude: false, bwlimit: 0 } } }
`,
  "i",
);
assert.ok("inventory" in reading);
const [host] = reading.inventory.hosts;
const request = (before: readonly Readonly<Record<string, string>>[]) => ({
  rules: host!.vms,
  priority: host!.priority,
  before,
  after: [host!.settings, reading.inventory.run],
});

describe("settingsFor()", () => {
  it("takes VM before host before group before defaults before what is built in", () => {
    const all = settingsFor(request([]));
    assert.deepEqual(
      [all.maxBackups, all.leaseSeconds, all.quiesce, all.overlayDirectory, all.perHost],
      [3, 20, "never", "/group", 1],
    );
    assert.deepEqual([all.overlayBudget, all.compress], [2 ** 30, true]);
    const of = (vm: string): number => settingsFor(request([]), vm).maxBackups;
    assert.deepEqual(["web", "db1", "db2"].map(of), [3, 4, 5]);
  });

  it("takes a rate of any level, where 0 takes back what an outer one says", () => {
    const of = (vm: string, ...before: readonly Readonly<Record<string, string>>[]): number =>
      settingsFor(request(before), vm).bandwidthLimit;
    assert.deepEqual([of("web"), of("tmp2"), of("tmp2", { bandwidthLimit: "1M" })], [307_200, 0, 2 ** 20]);
    assert.equal(of("web", {}, { bandwidthLimit: "0" }), 0);
  });

  it("takes flags before the environment before .env before any of that", () => {
    const sources = [
      { maxBackups: "7" },
      { maxBackups: "8", lease: "x" },
      { quiesce: "auto", store: "/env" },
    ];
    const { maxBackups, quiesce } = settingsFor(request(sources), "db1");
    assert.deepEqual([maxBackups, quiesce], [7, "auto"]);
  });
});

describe("priorityOf()", () => {
  it("is the VM's own, else the host's", () => {
    assert.deepEqual(
      ["db9", "web"].map((vm) => priorityOf(request([]), vm)),
      [1, -1],
    );
  });
});

describe("isLeftOut()", () => {
  it("is what lists say, unless the VM's own settings say otherwise", () => {
    const of = (vm: string): boolean => isLeftOut(host!.vms, vm);
    assert.deepEqual(["web", "tmp1", "tmp2", "db1", "other"].map(of), [false, true, false, false, true]);
  });
});
