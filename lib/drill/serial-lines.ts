// What a guest prints, searched for a pattern. Anybody may have written what it prints: the search takes time in
// proportion to the text whatever the pattern (RE2), and no line is longer than a bound.

import { RE2JS, RE2JSException } from "re2js";

/** A line is cut at this many characters, and goes on as another one. */
const longestLine = 4096;

/** Finds a pattern in what comes piece by piece. */
export interface SerialSearch {
  /** Takes the next piece; whether some line has matched by now. The last line need not have ended: prompts do not. */
  push(text: string): boolean;
}

/** Why a pattern cannot be used; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return error.message;
    throw error;
  }
}

/** Searches line by line. @throws RE2JSException for a pattern that `patternProblem` says cannot be used. */
export function searchSerial(pattern: string): SerialSearch {
  const expression = RE2JS.compile(pattern);
  let rest = "";
  let hasMatched = false;
  return {
    push(text) {
      if (hasMatched) return true;
      const lines = `${rest}${text}`.split(/\r\n|[\r\n]/).flatMap(cut);
      hasMatched = lines.some((line) => expression.matcher(line).find());
      rest = lines.at(-1) ?? "";
      if (rest.length >= longestLine) rest = "";
      return hasMatched;
    },
  };
}

function cut(line: string): readonly string[] {
  const pieces: string[] = [];
  for (let from = 0; from === 0 || from < line.length; from += longestLine)
    pieces.push(line.slice(from, from + longestLine));
  return pieces;
}
