// The sessions of a run: each is let go of when the last VM of its host has had its turn.

import type { HostSession } from "./host-session.ts";

/** What of a session matters here. */
export type ClosableSession = Pick<HostSession, "rest" | "close">;

/** So many hosts stay connected between their survey and their first turn; the others are connected to again. */
export const restedAbove = 32;

/** Which hosts a run is connected to. */
export class OpenSessions<Session extends ClosableSession> {
  readonly #turns = new Map<Session, number>();

  add(session: Session): void {
    this.#turns.set(session, 0);
  }

  /** Tells how many turns a session's host will have: with none, it is closed at once. */
  async expect(session: Session, turns: number): Promise<void> {
    if (turns === 0) {
      await this.#close(session);
      return;
    }
    this.#turns.set(session, turns);
    if (this.#turns.size > restedAbove) await session.rest();
  }

  /** Tells that one turn is over. */
  async endTurn(session: Session): Promise<void> {
    const left = (this.#turns.get(session) ?? 1) - 1;
    if (left > 0) this.#turns.set(session, left);
    else await this.#close(session);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#turns.keys()].map((session) => this.#close(session)));
  }

  async #close(session: Session): Promise<void> {
    if (this.#turns.delete(session)) await session.close();
  }
}
