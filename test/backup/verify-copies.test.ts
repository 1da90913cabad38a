// Step 6 on images from a host that lies about them: nothing of this machine gets into a backup.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DiskCopies } from "../../lib/backup/4-copy-disks.ts";
import { verifyCopies, type VerifiedCopies } from "../../lib/backup/6-verify-copies.ts";
import type { Ports } from "../../lib/backup/ports.ts";
import { localImageTools } from "../../lib/images/image-tools.ts";
import type { PartialBackup } from "../../lib/store/partial-backup.ts";
import { hashFile } from "../../lib/store/hash-file.ts";
import { failureOf } from "../ssh/connect-for-test.ts";
import { buildPlannedBackup } from "../support/build-planned-vm.ts";
import { buildLayer, buildVmFacts } from "../support/build-vm-facts.ts";
import { skipWithoutQemuImg } from "../verify/sound-backup.ts";

const bytes = 64 * 1024;
const secret = "-----BEGIN OPENSSH PRIVATE KEY-----";

describe("verifyCopies()", { skip: skipWithoutQemuImg }, () => {
  let folder: string;
  let outside: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vf-copies-"));
    outside = join(folder, "id_ed25519");
    writeFileSync(outside, secret.padEnd(bytes, "x"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const qemuImg = (...args: readonly string[]): void => void execFileSync("qemu-img", args);

  /** What comes of copies that were made so, in a folder of their own. */
  async function verify(
    make: (at: (fileName: string) => string) => void,
    { compress = false, layers = 1 } = {},
  ): Promise<{ readonly at: string; readonly result: Promise<VerifiedCopies> }> {
    const at = mkdtempSync(join(folder, "partial-"));
    make((fileName) => join(at, fileName));
    const chain = [
      ...Array.from({ length: layers }, (_, depth) =>
        buildLayer({ path: `/images/layer${depth}.qcow2`, virtualBytes: bytes }),
      ),
    ];
    const vm = buildVmFacts({ chains: new Map([["vda", chain as never]]) });
    const { plan } = buildPlannedBackup(vm, { compress });
    const partial: Partial<PartialBackup> = {
      path: (fileName: string) => join(at, fileName),
      checksum: async (fileName: string) => await hashFile(join(at, fileName)),
    };
    const { signal } = new AbortController();
    const images = localImageTools({ vm: "web", store: folder, signal });
    const ports = { images, signal, emit: () => undefined } as Partial<Ports> as Ports;
    const copies = {} as DiskCopies;
    const result = verifyCopies(plan, { copies, partial: partial as PartialBackup }, ports);
    result.catch(() => undefined);
    return { at, result };
  }

  const holdsSecret = (at: string): boolean =>
    readdirSync(at).some((name) => readFileSync(join(at, name)).includes(secret));

  for (const compress of [false, true]) {
    it(`reads no file of this machine that an image names as its base, compress ${String(compress)}`, async () => {
      const { at, result } = await verify(
        (path) => {
          qemuImg("create", "-q", "-f", "qcow2", "-b", outside, "-F", "raw", path("vda.qcow2"));
        },
        { compress },
      );
      const { fileName, detail } = await failureOf(result, "copy-damaged");
      assert.equal(fileName, "vda.qcow2");
      assert.match(detail, /is based on ".*id_ed25519" instead of nothing/);
      assert.ok(!holdsSecret(at));
    });

    it(`opens no image whose data is in a file of this machine, compress ${String(compress)}`, async () => {
      const { at, result } = await verify(
        (path) => {
          const options = `data_file=${outside},data_file_raw=on`;
          writeFileSync(`${outside}.kept`, readFileSync(outside));
          qemuImg("create", "-q", "-f", "qcow2", "-o", options, path("vda.qcow2"), String(bytes));
          writeFileSync(outside, readFileSync(`${outside}.kept`));
        },
        { compress },
      );
      assert.match((await failureOf(result, "copy-damaged")).detail, /its data is in a file outside/);
      assert.ok(!holdsSecret(at));
      assert.ok(readFileSync(outside).includes(secret));
    });
  }

  it("names each layer's base anew, and tells what those in the middle were before", async () => {
    let middle = "";
    let was = "";
    const { at, result } = await verify(
      (path) => {
        const names = ["vda.backing2.qcow2", "vda.backing1.qcow2", "vda.qcow2"];
        for (const [index, name] of names.entries()) {
          const below = names[index - 1];
          const base = below === undefined ? [] : ["-b", path(below), "-F", "qcow2"];
          qemuImg("create", "-q", "-f", "qcow2", ...base, path(name), String(bytes));
        }
        middle = path("vda.backing1.qcow2");
        was = createHash("sha256").update(readFileSync(middle)).digest("hex");
      },
      { layers: 3 },
    );
    const { sourceChecksums } = await result;
    assert.deepEqual([...sourceChecksums.keys()], ["vda.backing1.qcow2"]);
    assert.equal(sourceChecksums.get("vda.backing1.qcow2"), was);
    assert.notEqual(await hashFile(middle), was);
    const said = execFileSync("qemu-img", ["info", "--output=json", join(at, "vda.qcow2")], {
      encoding: "utf8",
    });
    assert.equal((JSON.parse(said) as Record<string, unknown>)["backing-filename"], "vda.backing1.qcow2");
  });
});
