// Step 4: waits for the sign of life, and for no longer than was asked for.

import { saysDomainIsGone } from "../hypervisor/parse-virsh.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { DrillPlan, DrillTrouble } from "../model/drill.ts";
import { interruption } from "../shell/interruption.ts";
import { askSign } from "./ask-sign.ts";
import type { DrillPorts } from "./ports.ts";

/** No guest prints so much before it is up. */
const mostSerialBytes = 16 * 1024 * 1024;
const pauseMilliseconds = 500;

/** Resolves to why there is no life, undefined when there is. @throws BackupError `interrupted`, `connection-lost`. */
export async function awaitLife(plan: DrillPlan, ports: DrillPorts): Promise<DrillTrouble | undefined> {
  const look = askSign(plan, ports.shell);
  const startedAt = ports.now().getTime();
  for (;;) {
    if (ports.signal.aborted) throw interruption(ports.signal);
    const { isAlive, detail, serialBytes = 0 } = await look();
    if (isAlive) return undefined;
    if (serialBytes > mostSerialBytes) return { kind: "too-much-output", bytes: serialBytes };
    const trouble = await lookAround(plan, ports);
    if (trouble !== undefined) return trouble;
    const seconds = (ports.now().getTime() - startedAt) / 1000;
    if (seconds >= plan.timeoutSeconds) return { kind: "silent", seconds: plan.timeoutSeconds, detail };
    await pause(ports.signal);
  }
}

/** Whether the clone still runs, and has room to write to. */
async function lookAround(
  { clone, reserveBytes }: DrillPlan,
  { shell }: DrillPorts,
): Promise<DrillTrouble | undefined> {
  const { path } = clone.folder;
  const [state, space] = await shell.runAll([
    virsh(clone.host.uri).domainState(clone.vm.uuid),
    ["df", "-P", "-k", path],
  ]);
  if (state !== undefined && saysDomainIsGone(state)) return { kind: "ended", state: "gone" };
  const word = state?.stdout.trim() ?? "";
  if (/^(?:shut off|crashed|paused)/.test(word)) return { kind: "ended", state: word };
  const available = /^.+?\s+\d+\s+\d+\s+(\d+)\s+\d+%\s/m.exec(space?.stdout ?? "")?.[1];
  const freeBytes = available === undefined ? Infinity : Number(available) * 1024;
  return freeBytes < reserveBytes ? { kind: "no-room", path, freeBytes } : undefined;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, pauseMilliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
