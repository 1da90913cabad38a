// What this machine has.

import { parseQemuImgVersion, parseRsyncVersion } from "../hypervisor/versions.ts";
import { BackupError } from "../model/failure.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import { runLocal } from "../shell/run-local.ts";

/** @throws BackupError `tool-missing` when images cannot be looked at here. */
export async function findQemuImg(): Promise<void> {
  const { code } = await runLocal(["qemu-img", "--version"]);
  if (code === 127) throw new BackupError({ kind: "tool-missing", where: "this machine", tool: "qemu-img" });
}

/**
 * Versions of the programs needed here to reach these hosts, or any when none are given, and to copy from them.
 * @throws BackupError `tool-missing`, before any host is touched.
 */
export async function findLocalTools(hosts?: readonly Pick<Host, "connection">[]): Promise<ToolVersions> {
  const isSshNeeded = hosts === undefined || hosts.some(({ connection }) => connection !== "local");
  const [rsync, qemuImg, ssh] = await Promise.all([
    runLocal(["rsync", "--version"]),
    runLocal(["qemu-img", "--version"]),
    isSshNeeded ? runLocal(["ssh", "-V"]) : { code: 0 },
  ]);
  for (const [tool, { code }] of Object.entries({ rsync, "qemu-img": qemuImg, ssh })) {
    if (code === 127) throw new BackupError({ kind: "tool-missing", where: "this machine", tool });
  }
  return { rsync: parseRsyncVersion(rsync.stdout), qemuImg: parseQemuImgVersion(qemuImg.stdout) };
}
