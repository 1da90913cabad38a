import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readArguments, type Arguments, type CommandShape } from "../../lib/cli/arguments.ts";
import { drillShape, readDrillRequest } from "../../lib/cli/drill-request.ts";
import { readRestoreRequest, restoreShape } from "../../lib/cli/restore-request.ts";

const mebi = 2 ** 20;

describe("the rate of what is brought to a host", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "vf-rate-"));
    const vms = "vms: { settings: { db: { bwlimit: 2M } } }";
    await writeFile(join(folder, "hosts.yaml"), `hosts: { kvm1: { bwlimit: 1M, ${vms} }, kvm2: }\n`);
  });
  after(() => rm(folder, { recursive: true }));

  const read = (shape: CommandShape, argv: readonly string[]): Extract<Arguments, { kind: "run" }> => {
    const inventory = ["--inventory", join(folder, "hosts.yaml"), "--store", folder];
    const args = readArguments(shape, "0", [...argv, ...inventory]);
    assert.ok(args.kind === "run");
    return args;
  };

  it("is that of the VM on the host that it is restored on, unless a flag says otherwise", async () => {
    const rateOf = async (...argv: readonly string[]): Promise<number> =>
      (await readRestoreRequest(read(restoreShape, argv))).options.bytesPerSecond;
    assert.equal(await rateOf("kvm1/web"), mebi);
    assert.equal(await rateOf("kvm1/db"), 2 * mebi);
    assert.equal(await rateOf("kvm1/db", "--to", "kvm2"), 0);
    assert.equal(await rateOf("kvm1/db", "--bwlimit", "0"), 0);
    assert.equal(await rateOf("kvm2/web", "--bwlimit", "3M"), 3 * mebi);
  });

  it("is likewise that of the host that a clone is booted on", async () => {
    const rateOf = async (vm: string, ...argv: readonly string[]): Promise<number> => {
      const request = await readDrillRequest(read(drillShape, argv));
      return request.optionsFor(request.hostFor("kvm1"), vm).bytesPerSecond;
    };
    assert.deepEqual([await rateOf("web"), await rateOf("db")], [mebi, 2 * mebi]);
    assert.equal(await rateOf("db", "--on", "kvm2"), 0);
    assert.equal(await rateOf("db", "--bwlimit", "500"), 500 * 1024);
  });
});
