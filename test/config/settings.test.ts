import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { parse } from "dotenv";
import { readSettings, settingNames, settingRules, textsFromVariables } from "../../lib/config/settings.ts";

describe("readSettings()", () => {
  it("takes the first source that says something", () => {
    const reading = readSettings([{ maxBackups: "2" }, { maxBackups: "3", store: "/a" }, { store: "/b" }]);
    assert.ok("settings" in reading);
    assert.equal(reading.settings.maxBackups, 2);
    assert.equal(reading.settings.store, "/a");
    assert.equal(reading.settings.quiesce, "auto");
  });

  it("names every problem at once", () => {
    const reading = readSettings([
      { maxBackups: "0", quiesce: "maybe", compress: "perhaps", overlayDirectory: "rel" },
    ]);
    assert.ok("problems" in reading);
    assert.deepEqual(reading.problems.map(({ name }) => name).toSorted(), [
      "compress",
      "maxBackups",
      "overlayDirectory",
      "quiesce",
      "store",
    ]);
  });

  it("refuses numbers that only look like numbers", () => {
    for (const text of ["", " 3", "3.5", "1e3", "-1", "0x10", "9999999"]) {
      assert.ok("problems" in readSettings([{ store: "/s", concurrency: text }]), text);
    }
  });
});

describe("textsFromVariables()", () => {
  it("leaves out variables that are empty or not ours", () => {
    assert.deepEqual(textsFromVariables({ VIRTFOLD_STORE: "/s", VIRTFOLD_URI: "", HOME: "/root" }), {
      store: "/s",
    });
  });
});

describe(".env.example", () => {
  it("has every setting with its meaning and an example that is accepted, and nothing else", async () => {
    const text = await readFile(new URL("../../.env.example", import.meta.url), "utf8");
    const uncommented = parse(text.replaceAll(/^#(?=VIRTFOLD_)/gm, ""));
    assert.deepEqual(
      Object.keys(uncommented).toSorted(),
      settingNames.map((name) => settingRules[name].variable).toSorted(),
    );
    for (const name of settingNames) {
      const rule = settingRules[name];
      assert.ok(text.includes(`# ${rule.meaning}`), `meaning of ${rule.variable}`);
      assert.equal(uncommented[rule.variable], rule.example);
      assert.notEqual(rule.read(rule.example), undefined, rule.variable);
    }
  });
});
