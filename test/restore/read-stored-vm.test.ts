// Whatever lies in a store may have been put there by anybody: what does not hold together is refused with a sentence.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ImageInfo } from "../../lib/hypervisor/parse-image-info.ts";
import { BackupError } from "../../lib/model/failure.ts";
import { isVmName, readStoredVm } from "../../lib/restore/read-stored-vm.ts";
import type { Manifest } from "../../lib/store/manifest.ts";
import { buildManifest, buildStoredXml } from "../support/build-stored-vm.ts";

const snapshot = "<domainsnapshot><name>s</name><parent><name>p</name></parent></domainsnapshot>";
const info: ImageInfo = {
  ...{ fileName: "vda.qcow2", format: "qcow2", virtualBytes: 10 * 2 ** 30, allocatedBytes: 0 },
  ...{ backing: undefined, snapshots: [], dataFile: undefined, isEncrypted: false },
  ...{ compat: "1.1", compression: undefined },
};

describe("readStoredVm()", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "virtfold-stored-"));
    await mkdir(join(folder, "snapshots"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  interface Fiddle {
    readonly original?: string;
    readonly written?: string;
    readonly patched?: string;
    readonly image?: Partial<ImageInfo>;
    readonly manifest?: Partial<Manifest>;
    readonly snapshot?: string;
  }

  const stored = (fileName: string, text: string) => ({
    ...{ fileName, bytes: text.length },
    sha256: createHash("sha256").update(text).digest("hex"),
  });

  async function read({ original = buildStoredXml(), ...fiddle }: Fiddle): Promise<string> {
    const patched = fiddle.patched ?? buildStoredXml("", "/store/vda.qcow2");
    await writeFile(join(folder, "original.xml"), fiddle.written ?? original);
    await writeFile(join(folder, "web-restore.xml"), patched);
    await writeFile(join(folder, "snapshots/s.xml"), fiddle.snapshot ?? snapshot);
    const manifest = buildManifest({
      files: {
        originalXml: stored("original.xml", original),
        patchedXml: stored("web-restore.xml", patched),
      },
      ...fiddle.manifest,
    });
    const images = { info: async () => ({ ...info, ...fiddle.image }) };
    const backup = {
      kind: "good" as const,
      ...{ host: "kvm1", vm: "web", path: folder, folderName: "x" },
      ...{ manifest, storedBytes: 0, touchedFiles: [] },
    };
    try {
      return `read ${(await readStoredVm(backup, images)).namedFolder}`;
    } catch (error) {
      if (!(error instanceof BackupError) || error.reason.kind !== "backup-unusable") throw error;
      return error.reason.detail;
    }
  }

  it("reads what a backup has left", async () => {
    assert.equal(await read({}), "read /store");
  });

  const bomb = `<!DOCTYPE d [<!ENTITY a "aaaa">]>${buildStoredXml()}`;
  const backing = (name: string) => ({ name, fullName: name, format: "raw" });
  const order = [{ ...stored("snapshots/s.xml", snapshot), name: "other", internalTargets: [] }];
  /** An image and the one below it, as the manifest has them; and for what the image takes that one. */
  const layersOn = (
    fileName: string,
    format: "raw" | "qcow2",
    taken: string | undefined,
    detail: RegExp,
  ): readonly (readonly [string, Fiddle, RegExp])[] => {
    const [disk] = buildManifest().disks;
    const layers = [...disk!.layers, { ...disk!.layers[0]!, fileName, format }];
    const fiddle = {
      manifest: { disks: [{ ...disk!, layers }] },
      image: { backing: { name: fileName, fullName: fileName, format: taken } },
    };
    return [[`a base called ${fileName} that is taken for ${taken ?? "anything"}`, fiddle, detail]];
  };
  const cases: readonly (readonly [what: string, fiddle: Fiddle, detail: RegExp])[] = [
    ["another definition than the manifest's", { written: "<domain/>" }, /original\.xml is not the file/],
    ["XML that is none", { original: "<domain><name>web" }, /not-well-formed/],
    ["a DOCTYPE", { original: bomb }, /doctype/],
    ["another root", { original: "<network/>" }, /wrong-root/],
    ["another VM", { original: buildStoredXml().replace(">web<", ">db<") }, /of another VM/],
    ["a disk that was not copied", { manifest: { disks: [] } }, /do not agree about disk vda/],
    [
      "the state of a TPM that the VM does not have",
      { manifest: { bootFiles: [{ role: "tpm", sourcePath: "/x", ...stored("tpm/x", "") }] } },
      /do not agree about the TPM/,
    ],
    ["a name no VM can have", { manifest: { newName: "../a" } }, /cannot be the name of a VM/],
    ["an image on any file", { image: { backing: backing("/etc/shadow") } }, /is based on "\/etc\/shadow"/],
    ["an image on a protocol", { image: { backing: backing("nbd:host:1") } }, /is based on "nbd:host:1"/],
    ...layersOn("base.raw", "raw", "qcow2", /takes what it is based on for qcow2/),
    ...layersOn("base.raw", "raw", undefined, /takes what it is based on for whatever it looks like/),
    ...layersOn("nbd:10.0.0.5:10809", "raw", "raw", /is based on "nbd:10\.0\.0\.5:10809" instead of/),
    ["content in another file", { image: { dataFile: "/dev/sda" } }, /keeps its content in another file/],
    ["an encrypted image", { image: { isEncrypted: true } }, /is encrypted/],
    ["a size that is a lie", { image: { virtualBytes: 1 } }, /another size than the manifest says/],
    ["another snapshot", { manifest: { snapshots: { order } } }, /is not snapshot "other"/],
  ];
  for (const [what, fiddle, detail] of cases) {
    it(`refuses ${what}`, async () => assert.match(await read(fiddle), detail));
  }

  it("follows no link out of the folder", async () => {
    await read({});
    const text = buildStoredXml();
    const elsewhere = join(folder, "..", `elsewhere-${process.pid}.xml`);
    await writeFile(elsewhere, text);
    await rm(join(folder, "original.xml"));
    await symlink(elsewhere, join(folder, "original.xml"));
    const files = { originalXml: stored("original.xml", text), patchedXml: stored("web-restore.xml", "") };
    const backup = {
      kind: "good" as const,
      ...{ host: "kvm1", vm: "web", path: folder, folderName: "x" },
      ...{ manifest: buildManifest({ files }), storedBytes: 0, touchedFiles: [] },
    };
    await assert.rejects(readStoredVm(backup, { info: async () => info }), BackupError);
    await rm(elsewhere);
    await rm(join(folder, "original.xml"));
  });
});

describe("isVmName()", () => {
  it("takes what libvirt takes, and what is one field of a journal", () => {
    for (const name of ["web", "mit Leerzeichen", `it's "a" <ü>`]) assert.ok(isVmName(name), name);
    for (const name of ["", "  ", "a/b", "a\nb", "a\tb", "a\0b"]) assert.ok(!isVmName(name), name);
  });
});
