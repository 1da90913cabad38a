// What a host answered about a VM that is there: text, or a reason why the VM cannot be read.

import type { CommandResult } from "../backup/ports.ts";
import { AnswerError } from "../hypervisor/answer-error.ts";

/**
 * What a question was answered with; `what` names the question.
 * @throws AnswerError when there is no answer: to take it for an empty one would lose part of the VM.
 */
export function answerText(what: string, answer: CommandResult | undefined): string {
  if (answer?.code === 0) return answer.stdout;
  const why = answer?.stderr.trim().split("\n").at(-1) ?? "";
  throw new AnswerError(`${what} failed${why === "" ? "" : `: ${why}`}`);
}
