import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  backupFolderName,
  deletingFolderName,
  filePathPattern,
  isBackupId,
  partialFolderName,
  readFolderName,
  vmFolders,
} from "../../lib/store/layout.ts";

const backupId = "20261123-012500-0a1b2c";

describe("backupFolderName()", () => {
  it("is the UTC second", () => {
    assert.equal(backupFolderName(new Date("2026-11-23T01:25:00.999Z")), "2026-11-23-012500");
    assert.equal(backupFolderName(new Date("2026-11-23T01:25:00+05:30")), "2026-11-22-195500");
  });
});

describe("vmFolders()", () => {
  it("encodes host and VM, each as one component", () => {
    assert.deepEqual(vmFolders("root@10.0.0.1", "web"), ["root@10.0.0.1", "web"]);
    assert.deepEqual(vmFolders("../x", "latest"), ["%2E.%2Fx", "%6Catest"]);
  });
});

describe("readFolderName()", () => {
  it("knows the names that this layout makes", () => {
    const folderName = "2026-11-23-012500";
    assert.deepEqual(readFolderName(folderName), { kind: "backup", folderName });
    assert.deepEqual(readFolderName(partialFolderName(backupId)), { kind: "partial", backupId });
    const deleting = deletingFolderName(folderName, backupId);
    assert.deepEqual(readFolderName(deleting), { kind: "deleting", folderName, backupId });
    assert.deepEqual(readFolderName("latest"), { kind: "latest" });
  });

  it("takes nothing else for ours", () => {
    const names = [
      "2026-11-23-01250",
      "2026-11-23-012500-keep",
      " 2026-11-23-012500",
      "2026-11-23-012500\n",
      ".partial-",
      ".partial-../x",
      ".partial-a b",
      ".partial-a\n",
      `.partial-${"a".repeat(65)}`,
      ".deleting-2026-11-23-012500",
      ".deleting-2026-11-23-012500-",
      ".deleting-x-y",
      ".git",
      "latest2",
      "",
    ];
    for (const name of names) assert.deepEqual(readFolderName(name), { kind: "other" }, JSON.stringify(name));
  });
});

describe("isBackupId()", () => {
  it("takes letters, digits and hyphens", () => {
    assert.equal(isBackupId(backupId), true);
    for (const text of ["", "a/b", "a.b", "ü", "a\n", "x".repeat(65)]) assert.equal(isBackupId(text), false);
  });
});

describe("filePathPattern", () => {
  it("takes plain relative paths only", () => {
    for (const name of ["vda.qcow2", "snapshots/vor Update ü.xml", "a/b/c/d", `it's "x" & <y>`, "a..b"]) {
      assert.match(name, filePathPattern);
    }
    const hostile = [
      "",
      ".",
      "..",
      "../x",
      "a/../b",
      "a/..",
      "/etc/passwd",
      "a//b",
      "a/",
      "./a",
      ".hidden",
      "a/.b",
      "a\\b",
      "a\nb",
      "a\n",
      "a\0",
      "a\u0085",
      "a/b/c/d/e",
      "x".repeat(256),
    ];
    for (const name of hostile) assert.doesNotMatch(name, filePathPattern);
  });
});
