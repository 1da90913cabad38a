// A fleet of which two hosts fail, each in its way: everything else is backed up, nobody waits for the dead one, what is
// told of it is true, and once they are mended a rerun does the rest.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { inParallel } from "../lab/in-parallel.ts";
import type { Lab } from "../lab/lab.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { newestBackup } from "../lab/restore-by-hand.ts";
import { assertCopiedSequence } from "./support/copied-sequence.ts";
import * as fleet from "./support/fleet-lab.ts";
import { assertHostAsBefore, rememberHost, type HostMemory } from "./support/host-memory.ts";
import { makeScratchFolder, type ScratchFolder } from "./support/scratch-folder.ts";
import { writeSshSettings } from "./support/ssh-settings.ts";
import { backupFolders } from "./support/store-memory.ts";
import { runBackup, startBackup, type RunEnd } from "./support/virtfold-process.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const { fleetVms, fullHost, silentHost } = fleet;

/** What virtfold said of a run in JSON. */
type Json = Readonly<Record<string, unknown>>;

describe("a fleet of which two hosts fail", { skip, timeout: 3_000_000 }, () => {
  let lab: Lab;
  let down: (() => Promise<void>) | undefined;
  let scratch: ScratchFolder;
  let given: { readonly directory: string; readonly store: string; readonly args: readonly string[] };
  const memories = new Map<string, HostMemory>();
  const wroteBefore = new Map<string, number>();
  const wroteAfter = new Map<string, number>();
  let first: RunEnd;
  let events: readonly Json[];

  before(async () => {
    ({ lab, down } = await fleet.bringUpFleet());
    scratch = await makeScratchFolder();
    const store = await scratch.newStore();
    const directory = await fleet.writeFleetInventory(`${store}-work`, store);
    // The silent host is waited for until the test says that it is enough.
    const sshConfig = await writeSshSettings({ lab, scratch }, "patient", { ConnectTimeout: "900" });
    given = { directory, store, args: ["--ssh-config", sshConfig, "--metrics-file", "virtfold.prom"] };
    await fleet.giveOverlaysRoom(hostOf(fullHost), 1);
    await inParallel(4, lab.hosts, async (host) => {
      memories.set(host.name, await rememberHost(host, fleetVms));
      wroteBefore.set(host.name, await host.guestSequence("web"));
    });
    await fleet.silenceSshd(hostOf(silentHost));
    const run = startBackup([...given.args, "--json"], { directory });
    for (const [host, vm] of goodVms()) await run.logged(new RegExp(` ${host}/${vm}: OK in `));
    await fleet.endSshd(hostOf(silentHost));
    first = await run.end;
    events = first.stdout.trimEnd().split("\n").map(readObject);
    for (const host of lab.hosts) wroteAfter.set(host.name, await host.guestSequence("web"));
  });
  after(async () => {
    await scratch?.remove();
    await down?.();
  });

  const hostOf = (name: string): LabHost => lab.hosts.find((host) => host.name === name)!;
  const allVms = (): readonly (readonly [host: string, vm: string])[] =>
    lab.hosts.flatMap(({ name }) => fleetVms.map((vm) => [name, vm] as const));
  const isGood = ([host, vm]: readonly [string, string]): boolean =>
    host !== silentHost && !(host === fullHost && vm === "web");
  const goodVms = () => allVms().filter(isGood);
  const badVms = () => allVms().filter((one) => !isGood(one));
  const rerun = (): Promise<RunEnd> =>
    runBackup([...given.args, "--rerun-failed"], { directory: given.directory });

  /** How many backups each VM has. */
  async function countBackups(): Promise<Readonly<Record<string, number>>> {
    const counts = allVms().map(
      async ([host, vm]) => [`${host}/${vm}`, (await backupFolders(given.store, host, vm)).length] as const,
    );
    return Object.fromEntries(await Promise.all(counts));
  }
  const expectedCounts = (ofBad: number): Readonly<Record<string, number>> =>
    Object.fromEntries(allVms().map((one) => [one.join("/"), isGood(one) ? 1 : ofBad]));

  it("has a good backup of every VM but those that could not be had, and ends with exit code 3", async () => {
    assert.equal(goodVms().length, 20);
    assert.equal(first.code, 3, first.stderr);
    assert.deepEqual(await countBackups(), expectedCounts(0));
  });

  it("holds what each guest had written at one moment of the run", async () => {
    await inParallel(2, goodVms(), async ([host, vm]) => {
      const backup = await newestBackup(given.store, { host, vm });
      assert.ok(backup, `${host}/${vm}`);
      const consistency = host === "hv6" ? "crash" : "filesystem";
      assert.equal(backup.manifest.consistency, vm === "web" ? consistency : "offline");
      if (vm !== "web") return;
      const wrote = { before: wroteBefore.get(host)!, after: wroteAfter.get(host)! };
      const run = { end: first, memory: memories.get(host)! };
      const one = { ...run, wrote: new Map([[vm, wrote]]), backups: new Map([[vm, backup]]) };
      await assertCopiedSequence(one, vm, scratch.directory);
    });
  });

  it("finished all of that while the silent host was still waited for", () => {
    const last = (kind: string, fits: (event: Json) => boolean = () => true): number =>
      events.findLastIndex((event) => event["kind"] === kind && fits(event));
    const isSilent = ({ host }: Json): boolean => host === silentHost;
    assert.equal(events.filter(({ kind }) => kind === "vm-finished").length, goodVms().length);
    const moments = [last("survey-started", isSilent), last("vm-finished"), last("host-failed", isSilent)];
    assert.notEqual(moments[0], -1);
    assert.deepEqual(
      moments,
      moments.toSorted((one, other) => one - other),
    );
  });

  it("tells the truth of it: events, report, metrics", async () => {
    const told = events.at(-1)!;
    assert.deepEqual([told["kind"], told["exitCode"]], ["run-finished", 3]);
    const vms = told["vms"] as readonly Json[];
    const results = vms.map(({ host, vm, result }) => [`${String(host)}/${String(vm)}`, result]);
    const expected = allVms().filter(([host]) => host !== silentHost);
    assert.deepEqual(
      Object.fromEntries(results),
      Object.fromEntries(expected.map((one) => [one.join("/"), isGood(one) ? "ok" : "refused"])),
    );
    const refused = vms.find(({ result }) => result === "refused")!["failure"] as Json;
    assert.deepEqual(
      [refused["kind"], (refused["obstacle"] as Json)["kind"]],
      ["vm-obstacle", "no-overlay-space"],
    );
    const hosts = told["hosts"] as readonly { host: string; isSurveyed: boolean; failure?: Json }[];
    assert.deepEqual(
      hosts.filter(({ isSurveyed }) => !isSurveyed).map(({ host }) => host),
      [silentHost],
    );
    const unreached = hosts.filter(({ failure }) => failure !== undefined);
    assert.deepEqual(
      unreached.map(({ host, failure }) => [host, failure?.["kind"]]),
      [[silentHost, "host-unreachable"]],
    );
    const runs = join(given.store, ".virtfold/runs");
    const report = readObject(await readFile(join(runs, (await readdir(runs))[0]!), "utf8"));
    for (const key of ["kind", "exitCode", "hosts", "vms"]) assert.deepEqual(report[key], told[key], key);
    await assertMetrics(3);
  });

  it("leaves every host as it was", async () => {
    await inParallel(2, lab.hosts, (host) => assertHostAsBefore(host, memories.get(host.name)!));
  });

  it("fails again for just these as long as they are not mended, with a summary that says what to do", async () => {
    const end = await rerun();
    assert.equal(end.code, 3, end.stderr);
    assert.match(end.stdout, /^VM +RESULT +/m);
    assert.match(end.stdout, new RegExp(`^${fullHost}/web +refused`, "m"));
    assert.match(end.stdout, /^0 of 1 VMs? backed up, 1 host not reached$/m);
    const sentences = end.stdout.split("\n").filter((line) => line.startsWith("! "));
    assert.equal(sentences.length, 2, end.stdout);
    assert.match(sentences.join("\n"), new RegExp(`! Cannot reach host "${silentHost}": .*Try: ssh -F `));
    assert.match(sentences.join("\n"), /"\/srv\/overlays"/);
    assert.deepEqual(await countBackups(), expectedCounts(0));
  });

  it("does exactly the rest once they are mended, and then there is nothing left to do", async () => {
    await fleet.giveOverlaysRoom(hostOf(fullHost), 256);
    await fleet.startSshd(hostOf(silentHost));
    const end = await rerun();
    assert.equal(end.code, 0, end.stderr);
    assert.equal(badVms().length, 4);
    assert.match(end.stdout, /^4 of 4 VMs backed up$/m);
    assert.deepEqual(await countBackups(), expectedCounts(1));
    await assertMetrics(0);
    const nothing = await rerun();
    assert.equal(nothing.code, 0, nothing.stderr);
    assert.match(nothing.stdout, /nothing failed in the last run/);
    for (const name of [fullHost, silentHost]) await assertHostAsBefore(hostOf(name), memories.get(name)!);
  });

  /** Those of the first run, or of the one in which the rest was done. */
  async function assertMetrics(exitCode: 0 | 3): Promise<void> {
    const lines = (await readFile(join(given.directory, "virtfold.prom"), "utf8")).split("\n");
    const value = (name: string, labels = ""): string | undefined =>
      lines
        .find((line) => line.startsWith(`${name}${labels} `))
        ?.split(" ")
        .at(-1);
    assert.equal(value("virtfold_run_exit_code"), String(exitCode));
    for (const one of allVms()) {
      const [host, vm] = one;
      const labels = `{host="${host}",vm="${vm}"}`;
      const saved = Number(value("virtfold_last_success_timestamp_seconds", labels) ?? 0);
      assert.equal(saved > 0, exitCode === 0 || isGood(one), `${host}/${vm}: ${saved}`);
    }
    const result = value("virtfold_vm_result", `{host="${fullHost}",vm="web"}`);
    assert.equal(result, String(exitCode));
    const isReached = value("virtfold_host_reached", `{host="${silentHost}"}`);
    assert.equal(isReached, exitCode === 0 ? "1" : "0");
  }
});

function readObject(line: string): Json {
  return JSON.parse(line) as Json;
}
