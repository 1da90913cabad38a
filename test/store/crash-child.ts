// Works on a store until it is killed: at a step it is told, or from outside.
// Arguments: store, step or "none", "publish" | "remove" | "publish-many", and a day for the last.

import { openStore } from "../../lib/store/store.ts";
import { goodBackups, publishSample } from "./sample-backup.ts";

const [directory = "", fatalStep = "", work = "", day = ""] = process.argv.slice(2);

const store = await openStore(directory, {
  onStep: (step) => {
    if (step !== fatalStep) return;
    process.kill(process.pid, "SIGKILL");
    for (;;); // until the signal arrives
  },
});

console.log("ready");
switch (work) {
  case "publish":
    await publishSample(store, { startedAt: "2026-11-24T00:00:00.000Z", backupId: "second" });
    break;
  case "publish-many":
    for (let minute = 10; minute < 60; minute += 1) {
      const startedAt = `${day}T00:${minute}:00.000Z`;
      await publishSample(store, { startedAt, backupId: `many-${minute}-${process.pid}` });
      const [oldest, , third] = await goodBackups(store);
      if (third !== undefined) await store.removeBackup(oldest!);
    }
    break;
  case "remove": {
    const entries = await goodBackups(store);
    await store.removeBackup(entries.at(-1)!);
    break;
  }
  default:
    throw new Error(`No such work: ${work}`);
}
