// Reading of small text files that anybody may have put there.

import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { systemCode } from "./in-store.ts";

export type BoundedReading =
  | { readonly kind: "text"; readonly text: string; readonly modifiedMs: number }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly detail: string };

/** Reads a regular file of at most `maximumBytes` bytes of UTF-8; links are not followed, pipes not waited for. */
export async function readBounded(file: string, maximumBytes: number): Promise<BoundedReading> {
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (!facts.isFile()) return { kind: "unreadable", detail: "not a regular file" };
    if (facts.size > maximumBytes) return { kind: "unreadable", detail: `longer than ${maximumBytes} bytes` };
    const bytes = await readUpTo(handle, facts.size);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "text", text, modifiedMs: facts.mtimeMs };
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return { kind: "missing" };
    if (code === "ELOOP") return { kind: "unreadable", detail: "symbolic link" };
    if (code !== undefined) return { kind: "unreadable", detail: code };
    if (error instanceof TypeError) return { kind: "unreadable", detail: "not UTF-8" };
    throw error;
  } finally {
    await handle?.close();
  }
}

async function readUpTo(handle: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
