// Questions to a host whose number only the host knows: some once, and some of each thing that one of them lists. All
// in one command, whatever the host has.

import { randomBytes } from "node:crypto";
import type { CommandResult, HostShell } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import { collectAnswer, type AnswerPart } from "./answer-reader.ts";
import { quoteArgument, type Command } from "./command.ts";
import { endWord } from "./host-script.ts";

/** What to ask. Commands only read: after a link that broke they may be run once more. */
export interface ListedQuestion {
  readonly once: readonly Command[];
  /** Prints one item a line. */
  readonly list: Command;
  /** The items to ask about, instead of those that are listed. */
  readonly items?: readonly string[] | undefined;
  /** Asked of each item, which is to be a word of its own in the command. */
  readonly each: (item: string) => readonly Command[];
  /** Asked once; where it succeeds, each item is asked these too. */
  readonly probe: Command;
  readonly eachIfProbed: (item: string) => readonly Command[];
}

/** How each command ended; those of an item in the order of `each`, then of `eachIfProbed`. */
export interface ListedAnswers {
  readonly once: readonly CommandResult[];
  readonly list: CommandResult;
  readonly each: ReadonlyMap<string, readonly CommandResult[]>;
}

const commandSeconds = 60;
const wholeSeconds = 3600;
/** A word that stands for the item until the script is written. */
const placeholder = "{item}";

/** @throws BackupError when the host cannot be asked; a command's own failure is an answer. */
export async function askListed(shell: HostShell, question: ListedQuestion): Promise<ListedAnswers> {
  const marker = randomBytes(16).toString("hex");
  const command: Command = ["sh", "-c", listedScript(question, marker), "sh", ...(question.items ?? [])];
  const [result] = await shell.runAll([command], { deadlineSeconds: wholeSeconds });
  const answers = result === undefined ? undefined : readListed(result, marker, question.once.length);
  if (answers !== undefined) return answers;
  const detail =
    result?.code === 124
      ? `no end within ${wholeSeconds} s`
      : result?.stderr.trim().slice(-500) || "it is cut off";
  const shown = `${question.list.join(" ")}, and more for each`;
  throw new BackupError({ kind: "unexpected-answer", host: shell.name, command: shown, detail });
}

/** Pure. No command is asked of any item when the list cannot be had. */
export function listedScript(question: ListedQuestion, marker: string): string {
  const { once, list, probe, each, eachIfProbed, items } = question;
  const deadline = `timeout -k 5 ${commandSeconds}`;
  const ask = (command: Command, about = ""): string =>
    `${deadline} ${command.map(word).join(" ")} </dev/null; answer $?${about}`;
  const ofItem = (commands: readonly Command[]): readonly string[] =>
    commands.map((command) => ask(command, '" $item"'));
  return [
    // What an item is called must not be taken for a pattern.
    "set -f",
    `answer() { printf '\\n%s %s\\n' ${marker} "$1"; printf '\\n%s %s\\n' ${marker} "$1" >&2; }`,
    ...once.map((command) => ask(command)),
    `list=$(${deadline} ${list.map(word).join(" ")} </dev/null); code=$?`,
    `printf '%s\\n' "$list"; answer $code`,
    `${deadline} ${probe.map(word).join(" ")} </dev/null >/dev/null 2>&1; probed=$?`,
    ...(items === undefined ? ["set --", '[ "$code" != 0 ] || set -- $list'] : []),
    'for item in "$@"; do',
    ...ofItem(each(placeholder)),
    'if [ "$probed" = 0 ]; then',
    ...ofItem(eachIfProbed(placeholder)),
    "fi",
    "done",
    `answer ${endWord}`,
  ].join("\n");
}

function word(text: string): string {
  if (text === placeholder) return '"$item"';
  if (text.includes(placeholder)) throw new TypeError(`An item must be a word of its own: ${text}`);
  return quoteArgument(text);
}

/** Undefined when the answer is not whole. */
function readListed(result: CommandResult, marker: string, onceCount: number): ListedAnswers | undefined {
  const stdout = partsOf(result.stdout, marker);
  const stderr = partsOf(result.stderr, marker);
  if (stdout.at(-1)?.words !== endWord || stdout.length !== stderr.length) return undefined;
  const results: CommandResult[] = [];
  const each = new Map<string, CommandResult[]>();
  for (const [index, { before, words }] of stdout.slice(0, -1).entries()) {
    const [, code, item] = /^(\d+)(?: (.*))?$/.exec(words) ?? [];
    if (code === undefined) return undefined;
    const errors = stderr[index]?.before.toString("utf8") ?? "";
    const answer = { code: Number(code), stdout: before.toString("utf8"), stderr: errors };
    if (item === undefined) results.push(answer);
    else each.set(item, [...(each.get(item) ?? []), answer]);
  }
  const list = results[onceCount];
  return list === undefined ? undefined : { once: results.slice(0, onceCount), list, each };
}

function partsOf(text: string, marker: string): readonly AnswerPart[] {
  const reader = collectAnswer(marker, endWord);
  reader.push(Buffer.from(text));
  return reader.parts();
}
