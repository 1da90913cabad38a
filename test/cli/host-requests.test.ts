import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostRequests } from "../../lib/cli/host-requests.ts";
import { imageDirectoryOf } from "../../lib/config/host-request.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import type { SettingTexts } from "../../lib/config/settings.ts";
import { reasonOf } from "../store/reason-of.ts";

describe("hostRequests()", () => {
  const inventory = readInventory(
    "groups: { g: { hosts: { yes: { sudo: true }, no: { sudo: false }, unsaid: } } }\n",
    "i.yaml",
  );
  const sudoers = (...sources: readonly SettingTexts[]) => {
    assert.ok("inventory" in inventory);
    const wishes = { targets: [], inventory: inventory.inventory, sources, vmNames: [], purpose: "" };
    return hostRequests("plan", wishes)
      .filter(({ host }) => host.sudo === true)
      .map(({ host }) => host.name);
  };

  it("has a flag or a variable decide about sudo before the inventory, either way", () => {
    assert.deepEqual(sudoers(), ["yes"]);
    assert.deepEqual(sudoers({}, { sudo: "false" }), []);
    assert.deepEqual(sudoers({}, { sudo: "true" }), ["yes", "no", "unsaid"]);
    assert.deepEqual(sudoers({ sudo: "true" }, { sudo: "false" }), ["yes", "no", "unsaid"]);
  });

  it("refuses a setting that cannot be read, also where the command makes no use of it", async () => {
    const asked = Promise.resolve().then(() => sudoers({}, { quiesce: "maybe", leaseSeconds: "1" }));
    const reason = await reasonOf(asked);
    assert.ok(reason.kind === "usage");
    assert.match(
      reason.detail,
      /VIRTFOLD_QUIESCE\) cannot be "maybe".*; --lease .*VIRTFOLD_LEASE\) cannot be "1"/,
    );
  });

  it("knows where restored images go: what is said of the VM, else of the host, else nowhere", () => {
    const vms = 'vms: { settings: { "db*": { image_dir: /fast }, web: { priority: 1 } } }';
    const reading = readInventory(`hosts: { kvm1: { image_dir: /images, ${vms} }, kvm2: }\n`, "i.yaml");
    assert.ok("inventory" in reading, JSON.stringify(reading));
    const wishes = { targets: [], inventory: reading.inventory, sources: [], vmNames: [], purpose: "" };
    const [one, other] = hostRequests("restore", wishes);
    const folders = ["db1", "web", "mail"].map((vm) => imageDirectoryOf(one!, vm));
    assert.deepEqual(folders, ["/fast", "/images", "/images"]);
    assert.equal(imageDirectoryOf(other!, "db1"), undefined);
  });
});
