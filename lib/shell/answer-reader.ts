// Finds a script's answers in what a host sends: bytes, cut anywhere, noise before them, anything inside them.

/** What stands before one marker line, and the words on that line. */
export interface AnswerPart {
  readonly before: Buffer;
  readonly words: string;
}

/** Takes one output stream of a script as it arrives. */
export interface AnswerReader {
  push(chunk: Buffer): void;
  /** Bytes it holds in memory. */
  keptBytes(): number;
  /** Whether the script said that it is done. */
  hasEnded(): boolean;
  parts(): readonly AnswerPart[];
  /** What came after the last marker line, or instead of one: for the message when the answer makes no sense. */
  unread(): string;
}

/** Keeps everything, and takes it apart at the end. */
export function collectAnswer(marker: string, lastWords: string): AnswerReader {
  const chunks: Buffer[] = [];
  const ending = Buffer.from(`\n${marker} ${lastWords}\n`);
  let kept = 0;
  let tail: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      chunks.push(chunk);
      kept += chunk.length;
      tail = chunk.length >= ending.length ? chunk : Buffer.concat([tail, chunk]).subarray(-ending.length);
    },
    keptBytes: () => kept,
    hasEnded: () => tail.subarray(-ending.length).equals(ending),
    parts: () => splitAnswer(Buffer.concat(chunks), marker).parts,
    unread: () => splitAnswer(Buffer.concat(chunks), marker).rest.toString("utf8"),
  };
}

/** Hands on each whole line the moment it is there, and keeps only the words of the marker lines. */
export function streamAnswer(
  marker: string,
  lastWords: string,
  onLine: (line: string) => void,
): AnswerReader {
  const seen: string[] = [];
  let line: Buffer[] = [];
  let noise = "";
  let isBlankHeld = false;
  const takeLine = (text: string): void => {
    if (text.startsWith(`${marker} `)) {
      seen.push(text.slice(marker.length + 1));
      // The script prints a newline before each marker; after output that ends in one it looks like a blank line.
      isBlankHeld = false;
      return;
    }
    if (seen.length === 0) {
      if (text !== "") noise = text;
      return;
    }
    if (isBlankHeld) onLine("");
    isBlankHeld = text === "";
    if (!isBlankHeld) onLine(text);
  };
  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        takeLine(Buffer.concat([...line, chunk.subarray(start, end)]).toString("utf8"));
        line = [];
        start = end + 1;
      }
      if (start < chunk.length) line.push(chunk.subarray(start));
    },
    keptBytes: () => line.reduce((sum, piece) => sum + piece.length, 0),
    hasEnded: () => seen.at(-1) === lastWords,
    parts: () => seen.map((words) => ({ before: Buffer.alloc(0), words })),
    unread: () => noise,
  };
}

function splitAnswer(bytes: Buffer, marker: string): { parts: readonly AnswerPart[]; rest: Buffer } {
  const needle = Buffer.from(`\n${marker} `);
  const parts: AnswerPart[] = [];
  let start = 0;
  for (let found = bytes.indexOf(needle); found >= 0; found = bytes.indexOf(needle, start)) {
    const wordsStart = found + needle.length;
    const end = bytes.indexOf(10, wordsStart);
    if (end < 0) break;
    parts.push({ before: bytes.subarray(start, found), words: bytes.toString("utf8", wordsStart, end) });
    start = end + 1;
  }
  return { parts, rest: bytes.subarray(start) };
}
