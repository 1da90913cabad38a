import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { parse } from "dotenv";
import { settingNames, settingRules } from "../../lib/config/setting-rules.ts";
import {
  readSettings,
  readSettingsOfPlan,
  readSomeSettings,
  textsFromVariables,
  unknownVariables,
} from "../../lib/config/settings.ts";

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

describe("unknownVariables()", () => {
  it("finds what is named as settings are and is none, with the setting that may be meant", () => {
    const variables = {
      VIRTFOLD_MAX_BACKUP: "30",
      VIRTFOLD_STORE: "/s",
      virtfold_sudo: "1",
      VIRTFOLD_MOON: "",
    };
    assert.deepEqual(unknownVariables({ ...variables, PATH: "/bin", XVIRTFOLD_A: "" }), [
      { name: "VIRTFOLD_MAX_BACKUP", meant: "VIRTFOLD_MAX_BACKUPS" },
      { name: "virtfold_sudo", meant: "VIRTFOLD_SUDO" },
      { name: "VIRTFOLD_MOON", meant: undefined },
    ]);
  });
});

describe("the setting of", () => {
  const values = (name: "overlayBudget" | "leaseSeconds", text: string): unknown =>
    settingRules[name].read(text);

  it("a size takes bytes and powers of 1024, and nothing that is no size", () => {
    const sizes = { "1": 1, "512K": 2 ** 19, "20G": 20 * 2 ** 30, "20 GiB": undefined, "3GiB": 3 * 2 ** 30 };
    const others = {
      "2tb": 2 ** 41,
      "0": undefined,
      "-1G": undefined,
      "1.5G": undefined,
      "99999999T": undefined,
    };
    for (const [text, bytes] of Object.entries({ ...sizes, ...others }))
      assert.equal(values("overlayBudget", text), bytes, text);
  });

  it("a lease is long enough to be renewed, and ends some day", () => {
    for (const [text, seconds] of Object.entries({
      "4": undefined,
      "5": 5,
      "86400": 86_400,
      "86401": undefined,
    }))
      assert.equal(values("leaseSeconds", text), seconds, text);
  });
});

describe("readSomeSettings()", () => {
  it("asks for none of them and looks at no others", () => {
    const reading = readSomeSettings(["store", "uri"], [{ maxBackups: "none" }]);
    assert.deepEqual(reading, { settings: { store: undefined, uri: "qemu:///system" } });
  });

  it("names those that cannot be used", () => {
    const reading = readSomeSettings(["overlayDirectory"], [{ overlayDirectory: "rel" }]);
    assert.ok("problems" in reading);
    assert.deepEqual(
      reading.problems.map(({ name, text }) => [name, text]),
      [["overlayDirectory", "rel"]],
    );
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

describe("readSettingsOfPlan()", () => {
  it("can do without a store, and takes defaults for the rest", () => {
    const reading = readSettingsOfPlan([{}]);
    assert.ok("settings" in reading);
    assert.equal(reading.settings.store, undefined);
    assert.equal(reading.settings.leaseSeconds, 120);
    assert.ok("problems" in readSettingsOfPlan([{ concurrency: "no" }]));
  });
});
