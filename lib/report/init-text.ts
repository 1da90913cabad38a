// What `virtfold init` says at its end.

import { quoteArgument } from "../shell/command.ts";
import { commandLine } from "./command-line.ts";
import { harmless, quoted } from "./wording.ts";

/** What was written, and what it needs now. */
export interface InitResult {
  readonly written: readonly string[];
  /** The inventory, where commands have to be told of it. */
  readonly inventory: string | undefined;
  /** The store's folder, when it is not there yet. */
  readonly missingStore: string | undefined;
  /** Hosts that could not be asked. */
  readonly unasked: readonly string[];
}

/** The last lines: what was done, and the next command. */
export function nextSteps({ written, inventory, missingStore, unasked }: InitResult): string {
  const name = inventory === undefined ? "" : ` --inventory ${quoteArgument(harmless(inventory, Infinity))}`;
  const folder = missingStore === undefined ? undefined : quoteArgument(harmless(missingStore, Infinity));
  return [
    `Written: ${written.map((file) => harmless(file, Infinity)).join(", ")}`,
    ...(unasked.length === 0
      ? []
      : [`Not asked: ${unasked.map(quoted).join(", ")}. The reason stands beside each; \`plan\` asks again`]),
    "Next:",
    ...(folder === undefined ? [] : [`  mkdir -p ${folder}`]),
    `  ${commandLine("plan")}${name}     # what a backup would do`,
    `  ${commandLine("backup")}${name}   # do it`,
  ].join("\n");
}

/** The texts that would be written. */
export function draftsText(
  name: string,
  { inventory, env }: { readonly inventory: string; readonly env: string | undefined },
): string {
  const parts = [[name, inventory] as const, ...(env === undefined ? [] : [[".env", env] as const])];
  return parts.map(([file, text]) => `==> ${harmless(file, Infinity)} <==\n${text}`).join("\n");
}
