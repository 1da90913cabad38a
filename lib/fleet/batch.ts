// Questions gathered first and asked in one round trip.

import type { CommandResult, HostShell } from "../backup/ports.ts";
import type { Command } from "../shell/command.ts";

/** Commands to run on a host together; each answer is there once `send` has resolved. */
export class Batch {
  readonly #commands: Command[] = [];
  #answers: readonly CommandResult[] | undefined;

  /** Adds a question. The function returned gives its answer, after `send`. */
  ask(command: Command): () => CommandResult {
    const index = this.#commands.push(command) - 1;
    return () => {
      const answer = this.#answers?.[index];
      if (answer === undefined) throw new Error("The batch has not been sent");
      return answer;
    };
  }

  /** Asks everything. @throws BackupError when the host cannot be asked; a command's own failure is an answer. */
  async send(shell: HostShell): Promise<void> {
    this.#answers = this.#commands.length === 0 ? [] : await shell.runAll(this.#commands);
  }
}
