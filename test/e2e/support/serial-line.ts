// What a guest prints from a moment on, whoever printed to the same file before.

import { open, stat } from "node:fs/promises";
import type { LabHost } from "../../lab/lab-host.ts";
import { serialLog } from "../../lab/vm-xml.ts";
import { waitUntil } from "../../lab/wait-until.ts";

/** A guest's serial line since it was begun to be watched. */
export interface SerialLine {
  /** Everything printed since then. */
  text(): Promise<string>;
  /** Waits until what was printed since then matches, and returns the match. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Watches a guest's serial line from now on; `vm` names the VM that the line was first made for. */
export async function watchSerial(host: LabHost, vm: string): Promise<SerialLine> {
  const path = host.path(serialLog(vm));
  const { size } = await stat(path);
  const text = (): Promise<string> => readFrom(path, size);
  return {
    text,
    waitFor: async (pattern) =>
      await waitUntil(`"${vm}" prints ${String(pattern)}`, { limitSeconds: 180, explain: text }, async () => {
        return pattern.exec(await text()) ?? undefined;
      }),
  };
}

async function readFrom(path: string, from: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(Math.max(0, size - from)), 0, undefined, from);
    return buffer.toString();
  } finally {
    await file.close();
  }
}
