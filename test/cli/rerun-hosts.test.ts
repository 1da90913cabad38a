import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { rerunHosts } from "../../lib/cli/rerun-hosts.ts";
import { noInventory } from "../../lib/config/inventory.ts";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { statusAfter } from "../../lib/report/fleet-status.ts";
import { runResult } from "../../lib/report/run-result.ts";
import { writeRunReport } from "../../lib/store/run-reports.ts";
import { reasonOf } from "../store/reason-of.ts";
import { temporaryFolder } from "../store/sample-backup.ts";

const lookup = { inventory: noInventory, sources: [], sshConfig: undefined };
const now = new Date("2026-11-23T01:25:00.000Z");

describe("rerunHosts()", () => {
  const folder = temporaryFolder();
  const newStore = (): Promise<string> => mkdtemp(path.join(folder, "s"));

  it("is the host as it was given, with the VMs that failed, whatever they are called", async () => {
    const vm = "two\nlines / ü";
    const host = { name: "fe80::1:22", destination: "root@fe80::1", port: 22, uri: "qemu:///system" };
    const status = statusAfter([{ kind: "vms-chosen", host: host.name, vms: [vm] }]);
    const asked = [{ host, target: "root@[fe80::1]:22", vms: undefined }];
    const result = runResult(status, { startedAt: now, now, store: "/s", asked, exitCode: 130 });
    const store = await newStore();
    await writeRunReport(store, now, JSON.stringify(result));
    const hosts = await rerunHosts(store, lookup);
    assert.deepEqual(
      hosts.map((one) => [one.host, one.vms?.map(({ text }) => text)]),
      [[host, [vm]]],
    );
  });

  it("asks a group again for what none of it had, and lets a host lack what another one has", async () => {
    const host = (name: string) => ({ name, destination: name, uri: "qemu:///system" });
    const wish = (text: string) => ({ text, sharedTarget: `rack/${text}` });
    const asked = ["kvm1", "kvm2"].map((name) => {
      return { host: host(name), target: name, vms: [wish("web1"), wish("web9")] };
    });
    const status = statusAfter([
      { kind: "host-surveyed", host: "kvm1", vms: 1 },
      { kind: "vms-chosen", host: "kvm1", vms: ["web1"] },
    ]);
    const result = runResult(status, { startedAt: now, now, store: "/s", asked, exitCode: 3 });
    const store = await newStore();
    await writeRunReport(store, now, JSON.stringify(result));
    const reading = readInventory("groups: { rack: { hosts: { kvm1: , kvm2: } } }", "i.yaml");
    assert.ok("inventory" in reading);
    const hosts = await rerunHosts(store, { ...lookup, inventory: reading.inventory });
    assert.deepEqual(
      hosts.map((one) => [one.host.name, one.vms]),
      [
        ["kvm1", [{ text: "web1", sharedTarget: undefined }, wish("web9")]],
        ["kvm2", [{ text: "web1", sharedTarget: undefined, mayBeMissing: true }, wish("web9")]],
      ],
    );
  });

  it("asks for targets when there is no report, or none that can be read", async () => {
    const store = await newStore();
    const detail = async (): Promise<string> => {
      const reason = await reasonOf(rerunHosts(store, lookup));
      return reason.kind === "usage" ? reason.detail : reason.kind;
    };
    assert.match(await detail(), /^No run into ".*" has left a report yet: name the targets$/);
    await writeRunReport(store, now, "{}");
    assert.match(await detail(), /^Cannot read the report of the last run, ".*\.json": name the targets$/);
    const bad = runResult(statusAfter([]), {
      ...{ startedAt: now, now, store, exitCode: 3 },
      asked: [{ host: { name: "x", destination: "x", uri: "" }, target: "-oProxyCommand=x", vms: undefined }],
    });
    await writeRunReport(store, now, JSON.stringify(bad));
    assert.match(await detail(), /^Cannot read target "-oProxyCommand=x"/);
  });

  it("is nothing when nothing failed", async () => {
    const store = await newStore();
    const facts = { startedAt: now, now, store, asked: [], exitCode: 0 };
    await writeRunReport(store, now, JSON.stringify(runResult(statusAfter([]), facts)));
    assert.deepEqual(await rerunHosts(store, lookup), []);
  });
});
