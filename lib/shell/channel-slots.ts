/**
 * Bounds how many channels are open on one connection: sshd refuses more than its `MaxSessions`, usually 10.
 * Whoever finds no slot waits in line.
 */
export class ChannelSlots {
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async take(): Promise<void> {
    if (this.#used < this.#limit) this.#used += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    if (this.#used > this.#limit) {
      this.#used -= 1;
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#used -= 1;
    else next();
  }

  /**
   * Learns that the host has refused a channel while others were open, so that it allows fewer than we thought.
   * Answers whether there is anything to wait for: false when the refused one was the only one.
   */
  learnRefusal(): boolean {
    if (this.#used < 2) return false;
    this.#limit = this.#used - 1;
    return true;
  }
}
