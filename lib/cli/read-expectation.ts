// `--expect` → the sign of life that is waited for.

import { patternProblem } from "../drill/serial-lines.ts";
import type { Expectation } from "../model/drill.ts";
import { usage } from "./usage.ts";

/** Reads it. @throws BackupError `usage`. */
export function readExpectation(text = "agent"): Expectation {
  if (text === "agent") return { kind: "agent" };
  const [, port] = /^port:(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535)
    return { kind: "port", port: Number(port) };
  if (text.startsWith("serial:") && text.length > "serial:".length && text.length <= 1000) {
    const pattern = text.slice("serial:".length);
    const problem = patternProblem(pattern);
    if (problem === undefined) return { kind: "serial", pattern };
    throw usage("drill", `--expect cannot be ${JSON.stringify(text)}: ${problem}`);
  }
  throw usage(
    "drill",
    `--expect cannot be ${JSON.stringify(text)}: it is agent, serial:REGEX or port:N (1 to 65535)`,
  );
}
