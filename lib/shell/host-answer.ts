// From a script's marked output to the results of its commands. Pure.

import type { CommandResult } from "../backup/ports.ts";
import type { FailureReason } from "../model/failure.ts";
import type { AnswerPart } from "./answer-reader.ts";
import { endWord, missingTimeoutWord, readyWord } from "./host-script.ts";

/** What a host sent for one script, on both streams. */
export interface HostAnswer {
  readonly stdout: readonly AnswerPart[];
  readonly stderr: readonly AnswerPart[];
  /** What was neither; shown when the answer makes no sense. */
  readonly unread: string;
}

/** Whose answer it is, for the failure that says it makes no sense. */
export interface Question {
  readonly host: string;
  /** The command or script as messages shall show it. */
  readonly command: string;
  readonly resultCount: number;
}

/** The result of each command, or why there are none. */
export function readResults(
  answer: HostAnswer,
  question: Question,
): readonly CommandResult[] | FailureReason {
  const [first, ...others] = answer.stdout;
  if (first?.words === missingTimeoutWord) {
    return { kind: "tool-missing", where: question.host, tool: "timeout" };
  }
  const sudoRefusal = first === undefined ? sudoRefusalIn(answer) : undefined;
  if (sudoRefusal !== undefined) return { kind: "sudo-refused", host: question.host, detail: sudoRefusal };
  const codes = others.slice(0, question.resultCount);
  const isWhole =
    first?.words === readyWord &&
    answer.stdout.length === question.resultCount + 2 &&
    answer.stderr.length === question.resultCount + 2 &&
    answer.stdout.at(-1)?.words === endWord &&
    codes.every(({ words }) => /^\d+$/.test(words));
  if (!isWhole) return notUnderstood(answer, question);
  return codes.map(({ before, words }, index) => ({
    code: Number(words),
    stdout: before.toString("utf8"),
    stderr: answer.stderr[index + 1]?.before.toString("utf8") ?? "",
  }));
}

/** What sudo says instead of running the shell: it is the first word of its line, whatever an rc file printed before. */
function sudoRefusalIn({ unread }: HostAnswer): string | undefined {
  return /^sudo: (.*)$/m.exec(unread)?.[1];
}

function notUnderstood(answer: HostAnswer, { host, command }: Question): FailureReason {
  // Only what came before the script, and complaints: what commands print may be a definition with its passwords.
  const shown = [...answer.stderr, ...answer.stdout.slice(0, 1)];
  const said = [answer.unread, ...shown.map(({ before }) => before.toString("utf8"))];
  const detail = said.map((text) => text.trim()).find((text) => text !== "");
  return {
    kind: "unexpected-answer",
    host,
    command,
    detail: detail?.slice(0, 500) ?? "its answer is not whole",
  };
}
