import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AnswerError } from "../../lib/hypervisor/answer-error.ts";
import { parseImageChain, parseImageInfo } from "../../lib/hypervisor/parse-image-info.ts";

const raw = {
  filename: "/x.raw",
  format: "raw",
  "virtual-size": 1048576,
  "actual-size": 4096,
  "dirty-flag": false,
};

/** As qemu-img 7.2 prints it, shortened. */
const qcow2 = {
  "backing-filename-format": "raw",
  snapshots: [
    {
      icount: 0,
      "vm-clock-nsec": 0,
      name: ' sn ap "ü" <&',
      "date-sec": 1,
      "date-nsec": 2,
      "vm-clock-sec": 0,
      id: "1",
      "vm-state-size": 0,
    },
    { name: "", id: "2" },
  ],
  "virtual-size": 1099511627776,
  filename: "/top.qcow2",
  "cluster-size": 65536,
  format: "qcow2",
  "actual-size": 208896,
  "format-specific": {
    type: "qcow2",
    data: {
      compat: "1.1",
      "compression-type": "zstd",
      "lazy-refcounts": false,
      "refcount-bits": 16,
      corrupt: false,
    },
  },
  "full-backing-filename": "/x.raw",
  "backing-filename": "x.raw",
  "dirty-flag": false,
};

const withData = (data: object) => ({ ...qcow2, "format-specific": { type: "qcow2", data } });

describe("parseImageInfo()", () => {
  it("reads a qcow2 image", () => {
    assert.deepEqual(parseImageInfo(JSON.stringify(qcow2)), {
      fileName: "/top.qcow2",
      format: "qcow2",
      virtualBytes: 1099511627776,
      allocatedBytes: 208896,
      backing: { name: "x.raw", fullName: "/x.raw", format: "raw" },
      snapshots: [' sn ap "ü" <&', ""],
      dataFile: undefined,
      isEncrypted: false,
      compat: "1.1",
      compression: "zstd",
    });
  });

  it("reads a raw image, and what an old qemu-img says", () => {
    const { format, snapshots, compat, backing, dataFile } = parseImageInfo(JSON.stringify(raw));
    assert.deepEqual(
      { format, snapshots, compat, backing, dataFile },
      { format: "raw", snapshots: [], compat: undefined, backing: undefined, dataFile: undefined },
    );
    assert.equal(parseImageInfo('{"filename":"x","format":"qcow2","virtual-size":0}').allocatedBytes, 0);
  });

  it("sees data files and encryption", () => {
    assert.equal(
      parseImageInfo(JSON.stringify(withData({ "data-file": "dat.raw", "data-file-raw": true }))).dataFile,
      "dat.raw",
    );
    assert.equal(parseImageInfo(JSON.stringify(withData({ encrypt: { format: "luks" } }))).isEncrypted, true);
    assert.equal(parseImageInfo(JSON.stringify({ ...raw, encrypted: true })).isEncrypted, true);
    assert.equal(parseImageInfo(JSON.stringify({ ...raw, format: "luks" })).isEncrypted, true);
  });

  const hostile: Readonly<Record<string, string>> = {
    nothing: "",
    "a message": "qemu-img: Could not open",
    "half an object": '{"filename":"/x"',
    "a list": "[]",
    null: "null",
    "a number": "7",
    "no name": JSON.stringify({ ...raw, filename: undefined }),
    "a name that is none": JSON.stringify({ ...raw, filename: 7 }),
    "a name with a NUL byte": JSON.stringify({ ...raw, filename: "/x\0.raw" }),
    "a backing name with a NUL byte": JSON.stringify({ ...raw, "backing-filename": "/x\0.raw" }),
    "no size": JSON.stringify({ ...raw, "virtual-size": undefined }),
    "a negative size": JSON.stringify({ ...raw, "virtual-size": -1 }),
    "a broken size": JSON.stringify({ ...raw, "virtual-size": 1.5 }),
    "a size beyond all numbers": '{"filename":"/x","format":"raw","virtual-size":1e400}',
    "a size that is not exact": '{"filename":"/x","format":"raw","virtual-size":18446744073709551615}',
    "a size as text": JSON.stringify({ ...raw, "virtual-size": "1048576" }),
    "snapshots that are no list": JSON.stringify({ ...raw, snapshots: { name: "x" } }),
    "a snapshot without name": JSON.stringify({ ...raw, snapshots: [{ id: "1" }] }),
    "a snapshot that is text": JSON.stringify({ ...raw, snapshots: ["x"] }),
    "details that are none": JSON.stringify({ ...raw, "format-specific": [] }),
    "a data file that is none": JSON.stringify(withData({ "data-file": { x: 1 } })),
    "a backing name that is none": JSON.stringify({ ...raw, "backing-filename": ["x"] }),
    "only what objects inherit": '{"__proto__":{"filename":"/x","format":"raw","virtual-size":1}}',
    "10^5 brackets": "[".repeat(1e5),
  };
  for (const [what, text] of Object.entries(hostile)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseImageInfo(text), AnswerError);
    });
  }

  it("is not led astray by unknown fields", () => {
    const text = JSON.stringify({ ...raw, new: { deep: [1] }, constructor: 1 }).replace(
      "{",
      '{"__proto__":{"snapshots":7},',
    );
    assert.deepEqual(parseImageInfo(text).snapshots, []);
  });
});

describe("parseImageChain()", () => {
  it("reads a chain in its order", () => {
    const names = parseImageChain(JSON.stringify([qcow2, raw])).map(({ fileName }) => fileName);
    assert.deepEqual(names, ["/top.qcow2", "/x.raw"]);
  });

  for (const text of [
    "[]",
    "{}",
    JSON.stringify([raw, null]),
    JSON.stringify(Array.from({ length: 1001 }, () => raw)),
  ]) {
    it(`refuses ${text.slice(0, 40)}`, () => {
      assert.throws(() => parseImageChain(text), AnswerError);
    });
  }
});
