// Whether the guest has shown the sign of life that is waited for.

import { Buffer } from "node:buffer";
import type { HostShell } from "../backup/ports.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { DrillPlan } from "../model/drill.ts";
import { unreachable } from "../model/unreachable.ts";
import { readListeners } from "./read-listeners.ts";
import { searchSerial } from "./serial-lines.ts";

/** One look: life, or what there is instead. */
export interface Look {
  readonly isAlive: boolean;
  readonly detail: string;
  /** What the guest has printed so far, where that is read. */
  readonly serialBytes?: number;
}

/** Each call looks once. @throws BackupError when the host cannot be asked. */
export function askSign(plan: DrillPlan, shell: HostShell): () => Promise<Look> {
  const { expected, clone, serialPath } = plan;
  const commands = virsh(clone.host.uri);
  const { uuid } = clone.vm;
  switch (expected.kind) {
    case "agent":
      return () => pingAgent(shell, commands.agentPing(uuid));
    case "port":
      return async () => {
        const agent = await pingAgent(shell, commands.agentPing(uuid));
        if (!agent.isAlive) return agent;
        const reading = await readListeners(shell, (question) => commands.askAgent(uuid, question));
        if (reading.kind === "refused") return { isAlive: false, detail: reading.detail };
        const isAlive = reading.ports.has(expected.port);
        return { isAlive, detail: `the guest runs, but nothing listens on port ${expected.port}` };
      };
    case "serial":
      return readSerial(shell, serialPath ?? "", expected.pattern);
    default:
      return unreachable(expected);
  }
}

async function pingAgent(shell: HostShell, command: readonly [string, ...string[]]): Promise<Look> {
  const { code, stderr } = await shell.run(command, { deadlineSeconds: 30 });
  const detail = code === 0 ? "" : (stderr.trim().split("\n").at(-1) ?? "").replace(/^error: /, "");
  return { isAlive: code === 0, detail };
}

/** Where a file has become shorter, libvirt's log daemon has begun a new one. */
const readMore = `size=$(stat -c %s -- "$1") || exit 1
from=$2
[ "$from" -le "$size" ] || from=0
printf '%s %s\\n' "$from" "$size"
tail -c "+$((from + 1))" -- "$1" | head -c 262144 | base64`;

function readSerial(shell: HostShell, path: string, pattern: string): () => Promise<Look> {
  const search = searchSerial(pattern);
  const decoder = new TextDecoder("utf-8");
  let from = 0;
  let total = 0;
  const nothing = "no line of the serial console matches";
  return async () => {
    const { code, stdout, stderr } = await shell.run(["sh", "-c", readMore, "sh", path, String(from)]);
    if (code !== 0) return { isAlive: false, detail: stderr.trim().split("\n").at(-1) ?? "" };
    const [head = "", ...body] = stdout.split("\n");
    const bytes = Buffer.from(body.join(""), "base64");
    from = Number(head.split(" ")[0]) + bytes.length;
    total += bytes.length;
    const isAlive = search.push(decoder.decode(bytes, { stream: true }));
    return { isAlive, detail: nothing, serialBytes: total };
  };
}
