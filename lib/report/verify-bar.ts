// A bar on a terminal for all backups that are verified.

import type { VerifyEvent } from "../model/verification.ts";
import { fitColumns } from "./fit-columns.ts";
import { formatBytes } from "./format.ts";
import { aboveBars, detailWidth, nameWidth, openBars } from "./progress-bars.ts";

/** A bar that follows events, with log lines above it. */
export interface VerifyBar {
  update(event: VerifyEvent): void;
  log(line: string): void;
  stop(): void;
}

/** Draws on `terminal`, which must be a terminal. */
export function verifyBar(terminal: NodeJS.WriteStream): VerifyBar {
  const bars = openBars(terminal);
  let bar: ReturnType<typeof bars.create> | undefined;
  let [backups, done, damaged, bytes, totalBytes] = [0, 0, 0, 0, 0];
  const width = (): number => terminal.columns || 80;
  const show = (): void => {
    const amount = `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
    const payload = {
      name: fitColumns(`${done} of ${backups} backups`, nameWidth(width())),
      detail: fitColumns(damaged === 0 ? amount : `${amount}, ${damaged} not good`, detailWidth(width())),
    };
    bar ??= bars.create(Math.max(1, totalBytes), 0, payload);
    bar.update(Math.min(bytes, Math.max(1, totalBytes)), payload);
  };
  return {
    update(event) {
      if (event.kind === "verify-started") [backups, totalBytes] = [event.backups, event.bytes];
      if (event.kind === "verify-progress") bytes = event.bytes;
      if (event.kind === "verified") {
        done += 1;
        if (event.result.state !== "good") damaged += 1;
      }
      if (event.kind === "passed-over") done += 1;
      if (backups > 0) show();
    },
    log: (line) => {
      if (bar === undefined) terminal.write(`${line}\n`);
      else bars.log(aboveBars(line));
    },
    stop() {
      if (bar === undefined) return;
      bars.remove(bar);
      // stop() alone would lose log lines that are still queued.
      bars.update();
      bars.stop();
    },
  };
}
