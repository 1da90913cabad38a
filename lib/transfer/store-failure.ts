import { dirname } from "node:path";
import type { FailureReason } from "../model/failure.ts";
import type { CopySubject } from "./copy-subject.ts";

/** The reason behind an error of this machine's file system; undefined when it is none. */
export function storeFailure(error: unknown, { destination, bytes }: CopySubject): FailureReason | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  const store = dirname(destination);
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return { kind: "store-full", store, neededBytes: bytes, freeBytes: undefined };
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "EIO":
    case "ENOENT":
    case "ENOTDIR":
    case "EFBIG":
      return {
        kind: "store-not-writable",
        store,
        detail: error.message,
      };
    case undefined:
    default:
      return undefined;
  }
}
