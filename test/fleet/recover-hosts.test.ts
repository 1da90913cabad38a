import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { recoverHosts, type RecoverRequest } from "../../lib/fleet/recover-hosts.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { RecoveryEvent } from "../../lib/model/recovery.ts";

describe("recoverHosts() with a store that is gone", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "virtfold-recover-"));
    await writeFile(join(folder, "ssh_config"), "Host kvm1\n  HostName 127.0.0.1\n  Port 1\n");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function recover(hosts: RecoverRequest["hosts"]): Promise<readonly RecoveryEvent[]> {
    const events: RecoveryEvent[] = [];
    const { signal } = new AbortController();
    const store = join(folder, "not mounted");
    const request = { hosts, store, sshConfig: join(folder, "ssh_config"), isDryRun: false };
    await recoverHosts(request, { signal, emit: (event) => void events.push(event) });
    return events;
  }

  it("asks the hosts all the same: a VM must not stay on its overlay for it", async () => {
    const host = { name: "kvm1", destination: "kvm1", uri: "qemu:///system" };
    const events = await recover([{ host, vms: undefined, overlayDirectoryOf: () => undefined }]);
    // Nobody listens there.
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["store-failed", "survey-started", "host-failed"],
    );
    assert.equal(events[0]?.kind === "store-failed" && events[0].reason.kind, "store-missing");
  });

  it("has nothing to do where there is no host", async () => {
    await assert.rejects(recover([]), (error) => {
      assert.ok(error instanceof BackupError);
      assert.equal(error.reason.kind, "store-missing");
      return true;
    });
  });
});
