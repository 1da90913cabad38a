// What one backup asks of the store, over the real store.

import type { BackupStore } from "../backup/ports.ts";
import type { VmBackupPlan } from "../model/plan.ts";
import { planRetention } from "../plan/plan-retention.ts";
import type { Store } from "../store/store.ts";
import { removeUnclaimed } from "./remove-unclaimed.ts";
import { dirname } from "node:path";

/** The store as the backup of one VM sees it. */
export function backupStore(store: Store, plan: VmBackupPlan): BackupStore {
  const { host, vm, backupId, folderName } = plan;
  return {
    directory: store.directory,
    freeBytes: () => store.freeBytes(),
    beginBackup: async () => {
      // What an earlier run of ours left here when it died; a run that is still alive keeps what it has.
      await store.sweepLeftovers(host.name, vm.name);
      return await store.beginBackup({ host: host.name, vm: vm.name, backupId, folderName });
    },
    rotate: async () => {
      const entries = await store.listBackups(host.name, vm.name);
      const options = {
        maxBackups: plan.maxBackups,
        keep: plan.keep,
        vmUuid: vm.uuid,
        justPublished: backupId,
        now: new Date(),
      };
      const { keep, remove } = planRetention(entries, options);
      const { removed } = await removeUnclaimed(
        store,
        remove.map(({ entry }) => entry),
      );
      const directory = keep[0] === undefined ? store.directory : dirname(keep[0].entry.path);
      return { kept: keep.length + remove.length - removed.length, removed, directory };
    },
  };
}
