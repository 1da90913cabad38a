import assert from "node:assert/strict";
import { open, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { inStore } from "../../lib/store/in-store.ts";
import { reasonOf } from "./reason-of.ts";
import { temporaryFolder } from "./sample-backup.ts";

describe("inStore()", () => {
  const store = temporaryFolder();

  it("tells that the store is full, and how much is free", { skip: !existsSync("/dev/full") }, async () => {
    const writing = inStore(store, async () => {
      const full = await open("/dev/full", "w");
      try {
        await full.writeFile("data");
      } finally {
        await full.close();
      }
    });
    const reason = await reasonOf(writing);
    assert.ok(reason.kind === "store-full" && reason.store === store);
    assert.ok(reason.freeBytes !== undefined && reason.freeBytes > 0);
  });

  it("takes a quota for a full store", async () => {
    const quota = Object.assign(new Error("EDQUOT"), { code: "EDQUOT" });
    assert.equal((await reasonOf(inStore(store, () => Promise.reject(quota)))).kind, "store-full");
  });

  it("names the system's word for everything else", async () => {
    const reason = await reasonOf(inStore(store, () => readFile(`${store}/none`)));
    assert.ok(reason.kind === "store-not-writable");
    assert.match(reason.detail, /^ENOENT open .*none$/);
  });

  it("lets bugs be bugs", async () => {
    const bug = new TypeError("not ours");
    await assert.rejects(
      inStore(store, () => Promise.reject(bug)),
      bug,
    );
    const misuse = Object.assign(new Error("misuse"), { code: "ERR_INVALID_ARG_TYPE" });
    await assert.rejects(
      inStore(store, () => Promise.reject(misuse)),
      misuse,
    );
  });
});
