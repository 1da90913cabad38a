// What rsync prints while it works. Pure.

/** Reads rsync's standard output as it comes. */
export interface RsyncOutput {
  push(chunk: string): void;
  /** The last lines that were not progress: why nothing was copied, for instance. */
  remarks(): string;
  /** What the host has sent in all, by the account at the end; undefined before. */
  sentBytes(): number | undefined;
}

const progress = /^\s*([\d,.]+)\s+\d+%\s+[\d.]+[kMGT]?B\/s\s+(?:\d+:\d\d:\d\d|\?\?:\?\?:\?\?)/;
/** Of `--info=stats1`, on the end that receives; the same from 3.1 to 3.5. */
const account = /^sent \d+ bytes {2}received (\d{1,15}) bytes {2}\S+ bytes\/sec$/;
const speedup = /^total size is \d+ {2}speedup is \S+$/;
const keptRemarks = 10;

/**
 * Calls `onBytes` for each record of `--info=progress2` with how much of the file has been dealt with. What the host
 * has rsync print counts for an account too, until this end gives its own, which is the last.
 */
export function readRsyncOutput(onBytes: (bytes: number) => void): RsyncOutput {
  let rest = "";
  const remarks: string[] = [];
  let sentBytes: number | undefined;
  return {
    push(chunk) {
      const lines = (rest + chunk).split(/[\r\n]/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const bytes = progress.exec(line)?.[1];
        if (bytes !== undefined) onBytes(Number(bytes.replaceAll(/\D/g, "")));
        else if (account.test(line)) sentBytes = Number(account.exec(line)?.[1]);
        else if (line.trim() !== "" && !speedup.test(line)) remarks.push(line.trim());
      }
      remarks.splice(0, remarks.length - keptRemarks);
    },
    remarks: () => [...remarks, rest.trim()].filter((line) => line !== "").join("; "),
    sentBytes: () => sentBytes,
  };
}
