// Runs a command whose output the person at this terminal sees as it comes.

import { spawn } from "node:child_process";
import type { Command } from "../../lib/shell/command.ts";
import { toShell } from "../../lib/shell/command.ts";

/** Shows the command and what it prints. @throws Error when it ends with a code that is not accepted. */
export async function runShown(
  command: Command,
  { accept = [0] }: { readonly accept?: readonly number[] } = {},
): Promise<void> {
  const [program, ...args] = command;
  console.log(`$ ${toShell(command)}`);
  const code = await new Promise<number | null>((resolve, reject) => {
    spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] })
      .once("error", reject)
      .once("close", resolve);
  });
  if (code === null || !accept.includes(code))
    throw new Error(`${toShell(command)} ended with ${code ?? "a signal"}`);
}
