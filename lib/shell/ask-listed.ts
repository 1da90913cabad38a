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
  /**
   * How one program answers all that is asked of an item. Where it ends with anything but 0, or with a word on its standard
   * error, or where the item is not a plain word, each command is run by itself, so that each has its own end.
   */
  readonly together?: OneProgram | undefined;
}

/** Several commands made one, and its answer taken apart again. */
export interface OneProgram {
  readonly command: (commands: readonly Command[], separator: string) => Command;
  /** Undefined when it is not what `count` commands print. */
  readonly answers: (stdout: string, separator: string, count: number) => readonly string[] | undefined;
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
  const answers = result === undefined ? undefined : readListed(result, marker, question);
  if (answers === "taken apart wrongly") return await askListed(shell, { ...question, together: undefined });
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
  const { once, list, probe, each, eachIfProbed, items, together } = question;
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
    ...(together === undefined ? [] : askTogether(question, together, marker)),
    ...ofItem(each(placeholder)),
    'if [ "$probed" = 0 ]; then',
    ...ofItem(eachIfProbed(placeholder)),
    "fi",
    "done",
    `answer ${endWord}`,
  ].join("\n");
}

/** Goes on to the next item where the one program has answered. Its standard output is the script's, its errors are held. */
function askTogether(
  { each, eachIfProbed }: ListedQuestion,
  { command }: OneProgram,
  marker: string,
): readonly string[] {
  const always = each(placeholder);
  const probed = [...always, ...eachIfProbed(placeholder)];
  const run = (commands: readonly Command[]): string => {
    const words = command(commands, separatorOf(marker)).map(wordWithItem).join(" ");
    return `{ errors=$(timeout -k 5 ${commandSeconds} ${words} </dev/null 2>&1 >&3 3>&-); code=$?; } 3>&1`;
  };
  return [
    "case $item in '' | -* | *[!0-9A-Za-z-]*) ;; *)",
    `if [ "$probed" = 0 ]; then ${run(probed)}; count=${probed.length}; else ${run(always)}; count=${always.length}; fi`,
    '[ "$code" = 0 ] && [ -z "$errors" ] || count=0',
    'answer "+$count $item"; [ "$count" = 0 ] || continue ;;',
    "esac",
  ];
}

/** Unlike the marker it never stands behind a newline and before a space: the two are not to be taken for each other. */
function separatorOf(marker: string): string {
  return `next-${marker}`;
}

/** The item may stand within the text of a word: the script has seen that it is plain, and so is all else in it. */
function wordWithItem(text: string): string {
  if (!text.includes(placeholder)) return quoteArgument(text);
  if (!/^[\w{};= -]+$/.test(text)) throw new TypeError(`Not plain enough to hold an item: ${text}`);
  return `"${text.replaceAll(placeholder, "$item")}"`;
}

function word(text: string): string {
  if (text === placeholder) return '"$item"';
  if (text.includes(placeholder)) throw new TypeError(`An item must be a word of its own: ${text}`);
  return quoteArgument(text);
}

/** Undefined when the answer is not whole. */
function readListed(
  result: CommandResult,
  marker: string,
  { once, together }: ListedQuestion,
): ListedAnswers | "taken apart wrongly" | undefined {
  const onceCount = once.length;
  const stdout = partsOf(result.stdout, marker);
  const stderr = partsOf(result.stderr, marker);
  if (stdout.at(-1)?.words !== endWord || stdout.length !== stderr.length) return undefined;
  const results: CommandResult[] = [];
  const each = new Map<string, CommandResult[]>();
  for (const [index, { before, words }] of stdout.slice(0, -1).entries()) {
    const [, code, item] = /^(\+?\d+)(?: (.*))?$/.exec(words) ?? [];
    if (code === undefined) return undefined;
    // What it printed before it failed: each command was run by itself after it.
    if (code === "+0") continue;
    if (code.startsWith("+") && item !== undefined) {
      const texts = together?.answers(before.toString("utf8"), separatorOf(marker), Number(code));
      if (texts === undefined) return "taken apart wrongly";
      each.set(
        item,
        texts.map((stdout) => ({ code: 0, stdout, stderr: "" })),
      );
      continue;
    }
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
