import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostRequests } from "../../lib/cli/host-requests.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import type { SettingTexts } from "../../lib/config/settings.ts";

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
});
