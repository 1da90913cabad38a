// On which TCP ports something listens in the guest. Its network is unplugged, so nobody can knock: its agent reads what
// Linux itself says of its sockets.

import { Buffer } from "node:buffer";
import type { HostShell } from "../backup/ports.ts";
import type { Command } from "../shell/command.ts";

export type Listeners =
  | { readonly kind: "ports"; readonly ports: ReadonlySet<number> }
  /** The agent may be told not to read files. */
  | { readonly kind: "refused"; readonly detail: string };

const sources = ["/proc/net/tcp", "/proc/net/tcp6"];
const mostBytes = 256 * 1024;

/** Asks the agent. What it answers is the guest's, and counts as nothing where it cannot be read. */
export async function readListeners(
  shell: HostShell,
  ask: (question: object) => Command,
): Promise<Listeners> {
  const ports = new Set<number>();
  let detail: string | undefined;
  for (const path of sources) {
    const opened = await answer(shell, ask({ execute: "guest-file-open", arguments: { path, mode: "r" } }));
    if (typeof opened.value !== "number") {
      detail = opened.detail;
      continue;
    }
    const handle = opened.value;
    const read = await answer(
      shell,
      ask({ execute: "guest-file-read", arguments: { handle, count: mostBytes } }),
    );
    await answer(shell, ask({ execute: "guest-file-close", arguments: { handle } }));
    for (const port of listeningPorts(textOf(read.value))) ports.add(port);
    if (read.value === undefined) detail = read.detail;
  }
  // A guest may have no IPv6.
  if (ports.size === 0 && detail !== undefined)
    return { kind: "refused", detail: `the guest agent does not read ${sources[0]}: ${detail}` };
  return { kind: "ports", ports };
}

/** The ports of sockets that listen (state 0A), from the text of `/proc/net/tcp`. */
export function listeningPorts(text: string): readonly number[] {
  return Array.from(
    text.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm),
    ([, port]) => Number.parseInt(port ?? "", 16),
  );
}

function textOf(value: unknown): string {
  const encoded =
    typeof value === "object" && value !== null && "buf-b64" in value ? value["buf-b64"] : undefined;
  return typeof encoded === "string" ? Buffer.from(encoded, "base64").toString("latin1") : "";
}

async function answer(
  shell: HostShell,
  command: Command,
): Promise<{ readonly value: unknown; readonly detail: string }> {
  const { code, stdout, stderr } = await shell.run(command, { deadlineSeconds: 30 });
  const detail = (stderr.trim().split("\n").at(-1) ?? "").replace(/^error: /, "");
  if (code !== 0) return { value: undefined, detail };
  try {
    return { value: (JSON.parse(stdout) as { readonly return?: unknown }).return, detail: "no answer" };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { value: undefined, detail: "its answer is no JSON" };
  }
}
