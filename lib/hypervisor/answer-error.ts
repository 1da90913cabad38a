// What a tool answered is not what it answers.

/** A tool's output cannot be understood; `detail` says what was expected or found. Callers turn it into a BackupError. */
export class AnswerError extends Error {
  readonly detail: string;

  constructor(detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.name = "AnswerError";
    this.detail = detail;
  }
}
