// Step 5, after a failure only: what the guest showed goes into the store before the clone goes.

import { posix } from "node:path";
import { virsh } from "../hypervisor/virsh.ts";
import { BackupError } from "../model/failure.ts";
import type { DrillPlan } from "../model/drill.ts";
import type { DrillPorts } from "./ports.ts";

const tailBytes = 64 * 1024;
const mostScreenBytes = 64 * 1024 * 1024;

/** Keeps the screen and the last of what was printed; returns the paths in the store. What cannot be had is said. */
export async function keepEvidence(plan: DrillPlan, ports: DrillPorts): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const [what, keep] of [
    ["screenshot", keepScreen],
    ["serial console", keepSerial],
  ] as const) {
    try {
      const path = await keep(plan, ports);
      kept.push(path);
      ports.emit({ kind: "evidence-kept", path });
    } catch (error) {
      if (!(error instanceof BackupError || error instanceof Unavailable)) throw error;
      const detail = error instanceof Unavailable ? error.message : error.reason.kind;
      ports.emit({ kind: "evidence-missing", what, detail });
    }
  }
  return kept;
}

class Unavailable extends Error {}

/** Prints the length and the first bytes: what libvirt calls the picture's type is on the terminal only. */
const describeFile = `stat -c %s -- "$1" && head -c 4 -- "$1" | od -An -tx1`;

async function keepScreen({ clone }: DrillPlan, ports: DrillPorts): Promise<string> {
  const path = posix.join(clone.folder.path, "screenshot");
  const shot = await ports.shell.run(virsh(clone.host.uri).screenshot(clone.vm.uuid, path));
  if (shot.code !== 0) throw new Unavailable(shot.stderr.trim().split("\n").at(-1) ?? "");
  const { stdout } = await ports.shell.run(["sh", "-c", describeFile, "sh", path]);
  const [bytes = "", magic = ""] = stdout.split("\n").map((line) => line.trim());
  const extension = magic.startsWith("89 50 4e 47") ? "png" : magic.startsWith("50 36") ? "ppm" : undefined;
  if (extension === undefined || Number(bytes) > mostScreenBytes) throw new Unavailable("it is no picture");
  return await ports.evidence.keepFile(`screenshot.${extension}`, path, { signal: ports.signal });
}

async function keepSerial({ serialPath }: DrillPlan, ports: DrillPorts): Promise<string> {
  if (serialPath === undefined) throw new Unavailable("the VM has none");
  const { code, stdout, stderr } = await ports.shell.run(["tail", "-c", String(tailBytes), "--", serialPath]);
  if (code !== 0) throw new Unavailable(stderr.trim().split("\n").at(-1) ?? "");
  if (stdout === "") throw new Unavailable("nothing was printed");
  return await ports.evidence.keepText("serial.txt", stdout);
}
