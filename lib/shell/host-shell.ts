// Runs commands on one host over channels that somebody else opens.

import { randomBytes } from "node:crypto";
import type { CommandResult, HostShell, RunOptions } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import { unreachable } from "../model/unreachable.ts";
import { collectAnswer, streamAnswer } from "./answer-reader.ts";
import type { Command } from "./command.ts";
import { toShell } from "./command.ts";
import { readResults } from "./host-answer.ts";
import { commandsScript, endWord, textScript } from "./host-script.ts";
import type { ScriptFrame } from "./host-script.ts";
import { ChannelSlots } from "./channel-slots.ts";
import { exchange } from "./exchange.ts";
import type { Channel, ExchangeEnd } from "./exchange.ts";

/** A way to open channels on which the host runs `hostCommandLine`. */
export interface ShellLink {
  readonly host: string;
  /** Undefined when the host refuses a further channel; then nothing was run. */
  openChannel(): Promise<Channel | undefined>;
}

/** Bounds of a shell. */
export interface ShellLimits {
  readonly maxChannels: number;
  readonly maxAnswerBytes: number;
  /** How much longer than the host's own deadline its answer is waited for. */
  readonly answerGraceSeconds: number;
}

/** One script, and how its answer is read. */
interface Question {
  readonly script: (frame: ScriptFrame) => string;
  readonly label: string;
  readonly resultCount: number;
  readonly options: RunOptions;
}

/** Bounds that fit any host. */
export const usualLimits: ShellLimits = {
  maxChannels: 8,
  maxAnswerBytes: 64 * 1024 * 1024,
  answerGraceSeconds: 30,
};

const defaultDeadlineSeconds = 60;
const shownCommandLength = 200;

/** A `HostShell` over a link. */
export function hostShell(link: ShellLink, limits: ShellLimits): HostShell {
  const slots = new ChannelSlots(limits.maxChannels);
  const askOne = async (question: Omit<Question, "resultCount">): Promise<CommandResult> => {
    const [result] = await ask({ ...question, resultCount: 1 }, { link, limits, slots });
    if (result === undefined) throw new Error("No result for one command");
    return result;
  };
  return {
    name: link.host,
    run: async (command, options = {}) =>
      await askOne({ script: (frame) => commandsScript([command], frame), label: labelOf(command), options }),
    runScript: async (script, argv, options = {}) =>
      await askOne({ script: (frame) => textScript(script, argv, frame), label: "a shell script", options }),
    runAll: async (commands, options = {}) => {
      const [first] = commands;
      if (first === undefined) return [];
      const script = (frame: ScriptFrame): string => commandsScript(commands, frame);
      const question = { script, label: labelOf(first), resultCount: commands.length, options };
      return await ask(question, { link, limits, slots });
    },
  };
}

interface Means {
  readonly link: ShellLink;
  readonly limits: ShellLimits;
  readonly slots: ChannelSlots;
}

async function ask(question: Question, means: Means): Promise<readonly CommandResult[]> {
  const { deadlineSeconds = defaultDeadlineSeconds, onLine } = question.options;
  const marker = randomBytes(16).toString("hex");
  const script = question.script({ marker, deadlineSeconds });
  const stderr = collectAnswer(marker, endWord);
  const stdout =
    onLine === undefined ? collectAnswer(marker, endWord) : streamAnswer(marker, endWord, onLine);
  const limitSeconds = question.resultCount * deadlineSeconds + means.limits.answerGraceSeconds;
  const limitBytes = means.limits.maxAnswerBytes;

  const channel = await takeChannel(means);
  const startedAt = performance.now();
  const end = await exchange(channel, script, { stdout, stderr, limitSeconds, limitBytes });
  refuseUnanswered(end, question.label, means);
  const answer = {
    stdout: stdout.parts(),
    stderr: stderr.parts(),
    // Once the script has begun it is the commands' own, and may hold what a definition hides.
    unread: stderr.unread() + (stdout.parts().length === 0 ? stdout.unread() : ""),
  };
  const { resultCount, label: command } = question;
  const results = readResults(answer, { host: means.link.host, command, resultCount });
  if ("kind" in results) throw new BackupError(results);
  const hadTimeForDeadline = performance.now() - startedAt >= deadlineSeconds * 1000;
  return hadTimeForDeadline ? results.map(nameDeadline) : results;
}

/**
 * A channel that is refused while others are open has run nothing, so it is asked for again when one of those
 * closes. A slot is free again only when the host has closed its channel too.
 */
async function takeChannel({ link, slots }: Means): Promise<Channel> {
  for (;;) {
    await slots.take();
    let channel: Channel | undefined;
    try {
      channel = await link.openChannel();
      if (channel === undefined && !slots.learnRefusal()) throw noChannel(link);
    } finally {
      if (channel === undefined) slots.release();
    }
    if (channel === undefined) continue;
    channel.on("close", () => slots.release());
    return channel;
  }
}

function refuseUnanswered(end: ExchangeEnd, command: string, { link, limits }: Means): void {
  const { host } = link;
  switch (end.kind) {
    case "answered":
    case "exited":
      return;
    case "cut":
      throw new BackupError({ kind: "connection-lost", host, detail: end.detail });
    case "too-long": {
      const detail = `it is longer than ${limits.maxAnswerBytes} bytes`;
      throw new BackupError({ kind: "unexpected-answer", host, command, detail });
    }
    default:
      unreachable(end);
  }
}

function noChannel({ host }: ShellLink): BackupError {
  const detail = "the host refuses to open a session";
  return new BackupError({ kind: "unexpected-answer", host, command: "exec", detail });
}

/** A deadline's end looks like a signal's where a KILL was needed, or where `timeout` is busybox's. */
function nameDeadline(result: CommandResult): CommandResult {
  return result.code === 137 || result.code === 143 ? { ...result, code: 124 } : result;
}

function labelOf(command: Command): string {
  return toShell(command).slice(0, shownCommandLength);
}
