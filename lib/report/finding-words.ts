/** What is said of a finding. */
export interface FindingWords {
  readonly text: string;
  /** What to do; empty when nothing need be done, or when the text says it. */
  readonly remedy: string;
  /** What to run for that, each to be copied as it is. */
  readonly commands: readonly string[];
}

/** Words, with what to do where something need be done. */
export function findingWords(
  text: string,
  { remedy = "", commands = [] }: Partial<Omit<FindingWords, "text">> = {},
): FindingWords {
  return { text, remedy, commands };
}
