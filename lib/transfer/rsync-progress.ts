// What rsync prints while it works. Pure.

/** Reads rsync's standard output as it comes. */
export interface RsyncOutput {
  push(chunk: string): void;
  /** The last lines that were not progress: why nothing was copied, for instance. */
  remarks(): string;
}

const progress = /^\s*([\d,.]+)\s+\d+%\s+[\d.]+[kMGT]?B\/s\s+(?:\d+:\d\d:\d\d|\?\?:\?\?:\?\?)/;
const keptRemarks = 10;

/** Calls `onBytes` for each record of `--info=progress2` with how much of the file has been dealt with. */
export function readRsyncOutput(onBytes: (bytes: number) => void): RsyncOutput {
  let rest = "";
  const remarks: string[] = [];
  return {
    push(chunk) {
      const lines = (rest + chunk).split(/[\r\n]/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const bytes = progress.exec(line)?.[1];
        if (bytes !== undefined) onBytes(Number(bytes.replaceAll(/\D/g, "")));
        else if (line.trim() !== "") remarks.push(line.trim());
      }
      remarks.splice(0, remarks.length - keptRemarks);
    },
    remarks: () => [...remarks, rest.trim()].filter((line) => line !== "").join("; "),
  };
}
