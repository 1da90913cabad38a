// Questions on a terminal. Lines that were typed, or pasted, before they were asked for are not lost.

import { createInterface } from "node:readline/promises";
import { BackupError } from "../model/failure.ts";

/** Someone at a terminal. */
export interface Person {
  /**
   * Asks, and gives the answer without spaces at its ends; `usual` when it is empty.
   * @throws BackupError `interrupted` when the run is stopped, or there is no more input.
   */
  ask(question: string, usual?: string): Promise<string>;
  /** Shows text between the questions. */
  tell(text: string): void;
  /** Gives the terminal back as it was. */
  leave(): void;
}

/** The person at this process's terminal. Ctrl-C becomes the SIGINT that it is elsewhere. */
export function atTerminal(signal: AbortSignal): Person {
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  terminal.on("SIGINT", () => {
    // What is said next begins a line.
    console.error();
    process.kill(process.pid, "SIGINT");
  });
  signal.addEventListener("abort", () => terminal.close(), { once: true });
  const lines = terminal[Symbol.asyncIterator]();
  return {
    ask: async (question, usual) => {
      terminal.setPrompt(`${question}${usual === undefined ? "" : ` [${usual}]`}: `);
      if (!signal.aborted) terminal.prompt();
      const line = await lines.next();
      if (line.done === true)
        throw new BackupError({
          kind: "interrupted",
          signal: signal.aborted ? String(signal.reason) : "the end of the input",
        });
      const answer = line.value.trim();
      return answer === "" ? (usual ?? "") : answer;
    },
    tell: (text) => console.error(text),
    leave: () => terminal.close(),
  };
}

/** Asks until the answer is one of these letters. */
export async function askLetter<Letter extends string>(
  person: Person,
  question: string,
  { letters, usual }: { readonly letters: readonly Letter[]; readonly usual: Letter },
): Promise<Letter> {
  for (;;) {
    const answer = (await person.ask(question, usual)).toLowerCase();
    const letter = letters.find((one) => answer === one || (answer.length > 1 && answer.startsWith(one)));
    if (letter !== undefined) return letter;
    person.tell(`Answer ${letters.join(", ")}`);
  }
}
