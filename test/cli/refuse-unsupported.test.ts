import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostRequests } from "../../lib/cli/host-requests.ts";
import { refuseUnsupportedTransfer } from "../../lib/cli/refuse-unsupported.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import type { SettingTexts } from "../../lib/config/settings.ts";
import { reasonOf } from "../store/reason-of.ts";

describe("refuseUnsupportedTransfer()", () => {
  const refusalOf = async (vm: string, ...sources: readonly SettingTexts[]) => {
    const reading = readInventory(
      `groups: { g: { hosts: { h: { vms: { settings: { v: ${vm} } } } } } }\n`,
      "i.yaml",
    );
    assert.ok("inventory" in reading);
    const { inventory } = reading;
    const hosts = hostRequests("plan", { targets: [], inventory, sources, vmNames: [], purpose: "" });
    const reason = await reasonOf(
      Promise.resolve().then(() => refuseUnsupportedTransfer("plan", hosts)),
    ).catch(() => undefined);
    return reason?.kind === "usage" ? reason.detail : undefined;
  };

  it("refuses what cannot be done yet, but not for the sake of a VM that is left out", async () => {
    assert.match((await refusalOf("{ transfer: staged }")) ?? "", /transfer: staged, .* for "h": change it/);
    assert.equal(await refusalOf("{ transfer: staged, exclude: true }"), undefined);
    assert.equal(await refusalOf("{ transfer: direct }"), undefined);
  });

  it("takes a flag, or the environment, before what the inventory says", async () => {
    for (const transfer of ["direct", "auto"])
      assert.equal(await refusalOf("{ transfer: staged }", {}, { transfer }), undefined);
    assert.match(
      (await refusalOf("{ transfer: direct }", { transfer: "staged" })) ?? "",
      /^--transfer .*staged/,
    );
    assert.equal(await refusalOf("{}", { transfer: "direct" }, { transfer: "staged" }), undefined);
  });
});
