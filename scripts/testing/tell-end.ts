import type { ScriptEnd } from "./read-command-line.ts";

/** Says why a script starts nothing, and has the process end with its exit code. */
export function tellEnd({ exitCode, text }: ScriptEnd): void {
  if (exitCode === 0) console.log(text);
  else console.error(text);
  process.exitCode = exitCode;
}
