import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { parseImageChain, parseImageInfo } from "../../lib/hypervisor/parse-image-info.ts";
import {
  chainInfo,
  checkImage,
  convertCompressed,
  forceShareVersion,
  imageInfo,
  rebaseUnsafe,
  testEmpty,
  zstdVersion,
} from "../../lib/hypervisor/qemu-img.ts";
import { isAtLeast, parseQemuImgVersion } from "../../lib/hypervisor/versions.ts";
import type { Command } from "../../lib/shell/command.ts";
import { missing, runTool } from "./fixture.ts";

const image = { path: "/a b/c:d,e=-.qcow2", format: "qcow2" } as const;

describe("qemu-img commands", () => {
  const table: Readonly<Record<string, readonly [Command, string]>> = {
    "a chain": [
      chainInfo(image, { canForceShare: true }),
      `info -U --backing-chain --output=json -f qcow2 -- ${image.path}`,
    ],
    "a chain, by an old one": [
      chainInfo(image, { canForceShare: false }),
      `info --backing-chain --output=json -f qcow2 -- ${image.path}`,
    ],
    "one image": [imageInfo(image), `info --output=json -f qcow2 -- ${image.path}`],
    "a check": [checkImage(image), `check -f qcow2 -- ${image.path}`],
    "a new backing name": [
      rebaseUnsafe(image, { fileName: "vda.backing1.raw", format: "raw" }),
      `rebase -u -b vda.backing1.raw -F raw -f qcow2 -- ${image.path}`,
    ],
    "a backing name with a colon": [
      rebaseUnsafe(image, { fileName: "nbd:x", format: "raw" }),
      `rebase -u -b ./nbd:x -F raw -f qcow2 -- ${image.path}`,
    ],
    compression: [
      convertCompressed(image, { target: "/t", compression: "zlib" }),
      `convert -c -O qcow2 -f qcow2 -- ${image.path} /t`,
    ],
    "better compression": [
      convertCompressed(image, { target: "/t", compression: "zstd" }),
      `convert -c -O qcow2 -o compression_type=zstd -f qcow2 -- ${image.path} /t`,
    ],
  };
  for (const [what, [command, expected]] of Object.entries(table)) {
    it(`ask for ${what}`, () => {
      assert.equal(command.join(" "), `qemu-img ${expected}`);
    });
  }

  for (const path of ["", "x.qcow2", "./x", "-x", "nbd:localhost:1", "json:{}", "file:/x"]) {
    it(`refuse the image ${JSON.stringify(path)}`, () => {
      assert.throws(() => imageInfo({ path, format: "raw" }), TypeError);
      assert.throws(() => convertCompressed(image, { target: path, compression: "zlib" }), TypeError);
    });
  }

  for (const fileName of ["", "/x", "../x", "a/b"]) {
    it(`refuse the backing file ${JSON.stringify(fileName)}`, () => {
      assert.throws(() => rebaseUnsafe(image, { fileName, format: "raw" }), TypeError);
    });
  }
});

const noTool = missing("qemu-img");

describe("qemu-img itself", { skip: noTool }, () => {
  const folder = noTool === false ? mkdtempSync(join(tmpdir(), "virtfold qemu-img ü,:")) : "";
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });
  const run = ([program, ...args]: Command) => {
    const result = runTool(program, args);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  };
  const version = parseQemuImgVersion(noTool === false ? runTool("qemu-img", ["--version"]).stdout : "");
  const canForceShare = isAtLeast(version, forceShareVersion);

  for (const [index, name] of [
    "plain",
    "a b",
    "-f",
    "nbd:localhost:10809",
    "json:{}",
    "a,b=c,,d",
    `"q"'s'`,
    "ümläut 日",
    "<&>;$x",
  ].entries()) {
    it(`works with images named ${JSON.stringify(name)}`, () => {
      const place = join(folder, `${index}`);
      const base = { path: join(place, `${name}.base`), format: "raw" } as const;
      const top = { path: join(place, name), format: "qcow2" } as const;
      const elsewhere = join(place, "gone", "elsewhere");
      mkdirSync(place);
      run(["qemu-img", "create", "-q", "-f", "raw", base.path, "1M"]);
      run(["qemu-img", "create", "-q", "-f", "qcow2", top.path, "1M"]);
      run(["qemu-img", "snapshot", "-c", " snap, 'shot' ", top.path]);
      run(["qemu-img", "rebase", "-u", "-f", "qcow2", "-b", elsewhere, "-F", "raw", top.path]);
      assert.equal(parseImageInfo(run(imageInfo(top))).backing?.fullName, elsewhere);
      run(rebaseUnsafe(top, { fileName: `${name}.base`, format: "raw" }));

      const [own, below, ...more] = parseImageChain(run(chainInfo(top, { canForceShare })));
      assert.equal(more.length, 0);
      assert.equal(own.backing?.format, "raw");
      assert.deepEqual([own.snapshots, own.virtualBytes, own.format], [[" snap, 'shot' "], 1 << 20, "qcow2"]);
      assert.deepEqual([below?.format, below?.backing, below?.virtualBytes], ["raw", undefined, 1 << 20]);
      assert.deepEqual(parseImageInfo(run(imageInfo(top))).backing, own.backing);
      run(checkImage(top));

      const target = `${top.path}.compressed`;
      const compression = isAtLeast(version, zstdVersion) ? "zstd" : "zlib";
      run(convertCompressed(top, { target, compression }));
      const compressed = parseImageInfo(run(imageInfo({ path: target, format: "qcow2" })));
      assert.deepEqual(
        [compressed.snapshots, compressed.backing, compressed.compression],
        [[], undefined, compression],
      );
    });
  }

  it("tells an overlay that holds nothing from one that does, even if only zeroes", () => {
    const place = join(folder, "overlays");
    mkdirSync(place);
    const base = join(place, "base.raw");
    run(["qemu-img", "create", "-q", "-f", "raw", base, "1M"]);
    const test = (write: readonly string[]): number | null => {
      const path = join(place, `it's ${write.length}.qcow2`);
      run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", path]);
      for (const command of write) run(["qemu-io", "-f", "qcow2", "-c", command, path]);
      const [program, ...args] = testEmpty({ path, format: "qcow2" }, { canForceShare });
      return runTool(program, args).code;
    };
    assert.equal(test([]), 0);
    assert.equal(test(["write -P 7 64k 4k"]), 1);
    assert.equal(test(["write -z 0 64k", "flush"]), 1);
    const [program, ...args] = testEmpty({ path: base, format: "qcow2" }, { canForceShare });
    assert.equal(runTool(program, args).code, 2);
  });

  it("says of raw images that it cannot check them", () => {
    const raw = { path: join(folder, "raw"), format: "raw" } as const;
    run(["qemu-img", "create", "-q", "-f", "raw", raw.path, "1M"]);
    const [program, ...args] = checkImage(raw);
    assert.equal(runTool(program, args).code, 63);
  });
});
