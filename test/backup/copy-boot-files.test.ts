import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { copyBootFiles } from "../../lib/backup/copy-boot-files.ts";
import type { CommandResult, Ports } from "../../lib/backup/ports.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { VmBackupPlan } from "../../lib/model/plan.ts";
import type { PartialBackup } from "../../lib/store/partial-backup.ts";

const nvram = { role: "nvram", path: "/nvram/web_VARS.fd", fileName: "nvram/vars.fd" } as const;
const kernel = { role: "kernel", path: "/boot/vmlinuz", fileName: "boot/kernel" } as const;
const plan = { vm: { name: "web", uuid: "u" }, bootFiles: [nvram, kernel] } as unknown as VmBackupPlan;
const partial = { path: (fileName: string) => `/partial/${fileName}` } as PartialBackup;
const end = (code: number, stdout = ""): CommandResult => ({ code, stdout, stderr: "" });

/** A host whose variable store is written to during this many copies of it. */
function hostWith({ writes, hasNvram = true }: { readonly writes: number; readonly hasNvram?: boolean }) {
  const copied: string[] = [];
  let version = 0;
  const shell: Partial<Ports["shell"]> = {
    run: async (command) => end(0, `state ${command.at(-1) === nvram.path ? version : 0}`),
    runAll: async (commands) =>
      commands.map((command) => end(command[2] === nvram.path && !hasNvram ? 1 : 0)),
  };
  const copyFile: Ports["copier"]["copyFile"] = async (path, destination) => {
    copied.push(destination);
    if (path === nvram.path && version < writes) version++;
  };
  const { signal } = new AbortController();
  return { copied, ports: { shell, copier: { copyFile }, signal } as unknown as Ports };
}

describe("copyBootFiles()", () => {
  it("copies each file once when nobody writes to it", async () => {
    const { copied, ports } = hostWith({ writes: 0 });
    assert.deepEqual(await copyBootFiles(plan, partial, ports), [nvram, kernel]);
    assert.deepEqual(copied, ["/partial/nvram/vars.fd", "/partial/boot/kernel"]);
  });

  it("copies UEFI variables again that the guest wrote meanwhile", async () => {
    const { copied, ports } = hostWith({ writes: 2 });
    await copyBootFiles(plan, partial, ports);
    assert.equal(copied.filter((path) => path.endsWith("vars.fd")).length, 3);
  });

  it("keeps no copy of what is written to all the time", async () => {
    const { ports } = hostWith({ writes: 100 });
    await assert.rejects(copyBootFiles(plan, partial, ports), (error) => {
      assert.ok(error instanceof BackupError);
      const { path, role: target } = nvram;
      assert.deepEqual(error.reason, { kind: "source-changed", vm: "web", target, path });
      return true;
    });
  });

  it("goes without the variables of a VM that never ran", async () => {
    const { copied, ports } = hostWith({ writes: 0, hasNvram: false });
    assert.deepEqual(await copyBootFiles(plan, partial, ports), [kernel]);
    assert.deepEqual(copied, ["/partial/boot/kernel"]);
  });
});
