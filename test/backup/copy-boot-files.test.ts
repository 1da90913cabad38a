import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { copyBootFiles } from "../../lib/backup/copy-boot-files.ts";
import type { CommandResult, Ports } from "../../lib/backup/ports.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { VmBackupPlan } from "../../lib/model/plan.ts";
import type { PartialBackup } from "../../lib/store/partial-backup.ts";
import { localShell } from "../support/local-shell.ts";

const nvram = { role: "nvram", path: "/nvram/web_VARS.fd", fileName: "nvram/vars.fd" } as const;
const kernel = { role: "kernel", path: "/boot/vmlinuz", fileName: "boot/kernel" } as const;
const plan = { vm: { name: "web", uuid: "u" }, bootFiles: [nvram, kernel] } as unknown as VmBackupPlan;
const partial = { path: (fileName: string) => `/partial/${fileName}` } as PartialBackup;
const end = (code: number, stdout = ""): CommandResult => ({ code, stdout, stderr: "" });

/** A host whose variable store is written to during this many copies of it. */
function hostWith({ writes, nvramCode = 0 }: { readonly writes: number; readonly nvramCode?: number }) {
  const copied: string[] = [];
  let version = 0;
  const shell: Partial<Ports["shell"]> = {
    run: async (command) => end(0, `state ${command.at(-1) === nvram.path ? version : 0}`),
    runAll: async (commands) => commands.map((command) => end(command.at(-1) === nvram.path ? nvramCode : 0)),
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
    assert.deepEqual(await copyBootFiles(plan, partial, ports), { bootFiles: [nvram, kernel], missing: [] });
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
    const { copied, ports } = hostWith({ writes: 0, nvramCode: 1 });
    assert.deepEqual(await copyBootFiles(plan, partial, ports), { bootFiles: [kernel], missing: [] });
    assert.deepEqual(copied, ["/partial/boot/kernel"]);
  });

  it("misses the variables of a VM that runs, and those that this login may not see", async () => {
    for (const [nvramCode, wasActive, why] of [
      [1, true, "missing"],
      [2, true, "unreadable"],
      [2, false, "unreadable"],
    ] as const) {
      const { copied, ports } = hostWith({ writes: 0, nvramCode });
      assert.deepEqual(await copyBootFiles({ ...plan, wasActive }, partial, ports), {
        bootFiles: [kernel],
        missing: [{ kind: "nvram-missing", path: nvram.path, why }],
      });
      assert.deepEqual(copied, ["/partial/boot/kernel"]);
    }
  });

  describe("of a TPM", () => {
    const tpm = { role: "tpm", path: "", fileName: "tpm/tpm2-00.permall" } as const;
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "virtfold-tpm-"));
      await mkdir(join(folder, "uuid/tpm2"), { recursive: true });
      await writeFile(join(folder, "uuid/tpm2/there"), "state");
    });
    after(() => rm(folder, { recursive: true, force: true }));

    async function missingOf(path: string, wasActive: boolean, code?: number) {
      const real = localShell({ environment: process.env });
      const shell = {
        ...real,
        runAll: async (commands: Parameters<typeof real.runAll>[0]) =>
          code === undefined ? await real.runAll(commands) : commands.map(() => end(code)),
      };
      const ports = { ...hostWith({ writes: 0 }).ports, shell } as unknown as Ports;
      const files = [{ ...tpm, path: join(folder, path) }];
      const withTpm = { ...plan, wasActive, bootFiles: files } as unknown as VmBackupPlan;
      const { bootFiles, missing } = await copyBootFiles(withTpm, partial, ports);
      return { copied: bootFiles.length, missing };
    }

    it("copies the state that is there", async () => {
      assert.deepEqual(await missingOf("uuid/tpm2/there", true), { copied: 1, missing: [] });
    });

    it("misses that of a VM that runs, and not that of one that may never have run", async () => {
      for (const path of ["uuid/tpm2/gone", "gone/tpm2/gone"]) {
        const missing = [{ kind: "tpm-state", why: "missing" }];
        assert.deepEqual(await missingOf(path, true), { copied: 0, missing });
        assert.deepEqual(await missingOf(path, false), { copied: 0, missing: [] });
      }
    });

    it("misses what this login may not see, also of a VM that is off", async () => {
      const missing = [{ kind: "tpm-state", why: "unreadable" }];
      assert.deepEqual(await missingOf("uuid/tpm2/there", false, 2), { copied: 0, missing });
    });
  });
});
