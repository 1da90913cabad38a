import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readInventory } from "../../lib/config/read-inventory.ts";
import { readRate } from "../../lib/config/read-rate.ts";

const mebi = 2 ** 20;

describe("readRate()", () => {
  it("reads what rsync's --bwlimit reads", () => {
    const rates: Readonly<Record<string, number>> = {
      ...{ "20M": 20 * mebi, "20m": 20 * mebi, "20MiB": 20 * mebi, "20MB": 20e6, "1.5M": 1.5 * mebi },
      ...{ "100": 100 * 1024, "1": 1024, "0.5M": mebi / 2, "2G": 2 ** 31, "500K": 500 * 1024 },
      ...{ "2048B": 2048, "0": 0, "0M": 0, "0.0": 0, "1024G": 2 ** 40 },
    };
    for (const [text, bytes] of Object.entries(rates)) assert.equal(readRate(text), bytes, text);
  });

  it("refuses what is no rate, and one that a copy could not keep to", () => {
    const others = ["", " 1M", "1 M", "-1M", "+1M", "1e3", "0x10", "M", "20Mbit", "20M/s", "20Mi", "1,5M"];
    const extremes = [
      "1B",
      "1kB",
      "0.5",
      "0.001K",
      "0.0001",
      "1025G",
      "9999999999",
      "1.M",
      ".5M",
      "NaN",
      "∞",
    ];
    for (const text of [...others, ...extremes]) assert.equal(readRate(text), undefined, text);
  });
});

describe("bwlimit in an inventory", () => {
  const problemsOf = (rate: string): readonly unknown[] => {
    const reading = readInventory(`hosts: { h: { vms: { settings: { v: { bwlimit: ${rate} } } } } }\n`, "i");
    return "problems" in reading ? reading.problems : [];
  };

  it("is a rate, or a number of KiB", () => {
    for (const rate of ["20M", "1.5M", "500", "1.5", "0", '"0"', "20MB"])
      assert.deepEqual(problemsOf(rate), [], rate);
    for (const rate of ["fast", "-1", "20Mbit", "0.5", "2000G", "true", "[1]", "1e12", '""'])
      assert.equal(problemsOf(rate).length, 1, rate);
    assert.match(JSON.stringify(problemsOf("fast")), /settings\.v\.bwlimit.*fast.*20M \(MiB\)/);
  });
});
