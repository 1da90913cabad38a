import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { verifyStore } from "../../lib/fleet/verify-store.ts";
import type { VerifyEvent } from "../../lib/model/verification.ts";
import { listRows } from "../../lib/store/list-rows.ts";
import { claimBackup } from "../../lib/store/claim-backup.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { goodBackups, temporaryFolder } from "../store/sample-backup.ts";
import { clear, publishSound, skipWithoutQemuImg } from "../verify/sound-backup.ts";

const days = ["2026-11-21", "2026-11-22", "2026-11-23"];

describe("verifyStore()", { skip: skipWithoutQemuImg }, () => {
  const folder = temporaryFolder();
  const storeWithThree = async (): Promise<Store> => {
    const store = await openStore(await mkdtemp(path.join(folder, "s")));
    for (const day of days) await publishSound(store, { startedAt: `${day}T00:00:00.000Z`, backupId: day });
    return store;
  };
  const verify = async (
    store: Store,
    { controller = new AbortController(), onEvent = (_event: VerifyEvent): void => {} } = {},
  ): Promise<readonly string[]> => {
    const said: string[] = [];
    await verifyStore(await goodBackups(store), {
      directory: store.directory,
      concurrency: 1,
      signal: controller.signal,
      emit: (event) => {
        onEvent(event);
        if (event.kind === "verified")
          said.push(`${event.result.folderName.slice(0, 10)} ${event.result.state}`);
        if (event.kind === "passed-over") said.push(`${path.basename(event.path).slice(0, 10)} ${event.why}`);
      },
    });
    return said;
  };

  it("notes what it found beside each backup, where a listing finds it, and changes no backup", async () => {
    const store = await storeWithThree();
    const [first] = await goodBackups(store);
    const names = await readdir(first!.path, { recursive: true });
    await writeFile(path.join(first!.path, "vdb.raw"), Buffer.alloc(32 * 1024, "x"));
    assert.deepEqual(await verify(store), [`${days[0]} damaged`, `${days[1]} good`, `${days[2]} good`]);
    const states = listRows(await store.listBackups()).map(({ state, verified }) => [state, verified?.state]);
    assert.deepEqual(states, [
      ["good", "good"],
      ["good", "good"],
      ["damaged", "damaged"],
    ]);
    assert.deepEqual((await readdir(first!.path, { recursive: true })).sort(), names.sort());
    const again = await verify(store);
    assert.equal(again.length, 3);
    const beside = (await readdir(path.dirname(first!.path)))
      .filter((name) => name.startsWith("."))
      .toSorted();
    assert.deepEqual(
      beside,
      days.map((day) => `.verified-${day}-000000-${day}.json`),
    );
  });

  it("takes a result away with its backup, and takes no other backup's result for one's own", async () => {
    const store = await storeWithThree();
    await verify(store);
    const [first, second, third] = await goodBackups(store);
    await store.removeBackup(first!);
    const home = path.dirname(first!.path);
    assert.deepEqual(
      (await readdir(home)).filter((name) => name.startsWith(".")),
      days.slice(1).map((day) => `.verified-${day}-000000-${day}.json`),
    );
    const record = path.join(home, `.verified-${third!.folderName}-${days[2]}.json`);
    for (const text of [await readFile(record, "utf8"), "{", "x".repeat(2 ** 21)]) {
      await writeFile(path.join(home, `.verified-${second!.folderName}-${days[1]}.json`), text);
      assert.equal((await goodBackups(store))[0]!.verification, undefined);
    }
  });

  it("passes over one that is being removed, and one that is gone by then", async () => {
    const store = await storeWithThree();
    const [first, second] = await goodBackups(store);
    const now = new Date();
    const claim = await claimBackup(path.dirname(first!.path), first!.folderName, {
      ...{ kind: "removing", user: "root", now },
    });
    const said = await verify(store, {
      onEvent: (event) => {
        if (event.kind === "verify-started") clear(second!.path);
      },
    });
    claim.release();
    assert.deepEqual(said, [`${days[0]} being-removed`, `${days[1]} gone`, `${days[2]} good`]);
  });

  it("lets nobody remove what it reads", async () => {
    const store = await storeWithThree();
    const refusals: Promise<unknown>[] = [];
    const [first] = await goodBackups(store);
    const said = await verify(store, {
      onEvent: (event) => {
        if (event.kind === "verify-progress" && refusals.length === 0)
          refusals.push(store.removeBackup(first!).catch((error: unknown) => (error as Error).message));
      },
    });
    assert.equal(said[0], `${days[0]} good`);
    assert.match(String(await refusals[0]), /^backup-claimed/);
  });

  it("stops when it is told to, and keeps what it has", async () => {
    const store = await storeWithThree();
    const controller = new AbortController();
    const said = await verify(store, {
      controller,
      onEvent: (event) => {
        if (event.kind === "verified") controller.abort("SIGINT");
      },
    });
    assert.deepEqual(said, [`${days[0]} good`]);
    const verified = (await goodBackups(store)).map(({ verification }) => verification?.state);
    assert.deepEqual(verified, ["good", undefined, undefined]);
    const beside = (await readdir(path.join(store.directory, "kvm1/web"))).filter((name) =>
      name.startsWith(".r"),
    );
    assert.deepEqual(beside, []);
    await chmod(store.directory, 0o700);
  });
});
