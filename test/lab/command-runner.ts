// The other end of small-process.ts: runs what it is sent, side by side, and ends when nobody is there to send any more.

import { runLocal } from "../../lib/shell/run-local.ts";
import type { RunnerAnswer, RunnerQuestion } from "./small-process.ts";

async function answer({ number, command, options }: RunnerQuestion): Promise<RunnerAnswer> {
  try {
    return { number, result: await runLocal(command, options) };
  } catch (error) {
    return { number, refusal: error instanceof Error ? error.message : String(error) };
  }
}

process.on("message", (question: RunnerQuestion) => {
  void answer(question).then((message) => process.send?.(message));
});
process.on("disconnect", () => process.exit());
