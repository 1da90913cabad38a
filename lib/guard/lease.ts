// Keeps a host's lease alive while a VM runs on its overlays, and stops our own work before the host may act.

import type { Guard, LeaseAnswer } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import { isLinkTrouble } from "./link-trouble.ts";

/** A lease that is renewed until it is released. */
export interface Lease {
  /** Aborted when the run is stopped, when the lease is about to run out, and when the host restores itself. */
  readonly signal: AbortSignal;
  /**
   * Asks the host once more. Resolves only when the host had not begun to restore itself: what was read until now was
   * read from disks that stood still.
   * @throws BackupError `host-restored-itself`, `lease-lost`, `interrupted`.
   */
  confirm(): Promise<void>;
  /** Why the lease ended, when it has (a bug is an end too); asks the host when that is not known yet. Never throws. */
  findEnd(): Promise<Error | undefined>;
  release(): void;
}

/** Who holds the lease, and what ends it from outside. */
export interface LeaseOptions {
  readonly host: string;
  readonly vm: string;
  /** The run's own stop. */
  readonly signal: AbortSignal;
}

/**
 * Renews at a third of the lease, and gives up at two thirds of it, counted from the moment the last renewal that was
 * acknowledged was *sent*: so our work stops before the host may act (restic, internal/repository/lock.go, does so too).
 * Time counts by two clocks, the later one wins: the monotonic one stands still while a laptop sleeps, and the other one
 * can be set.
 */
export function keepLease(guard: Pick<Guard, "renew" | "leaseSeconds">, options: LeaseOptions): Lease {
  return new KeptLease(guard, options);
}

interface Moment {
  readonly wall: number;
  readonly steady: number;
}

class KeptLease implements Lease {
  readonly signal: AbortSignal;
  readonly #guard: Pick<Guard, "renew" | "leaseSeconds">;
  readonly #options: LeaseOptions;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #acknowledged: Moment = now();
  #attempted: Moment = now();
  #pending: Promise<void> | undefined;
  #trouble = "no answer";

  constructor(guard: Pick<Guard, "renew" | "leaseSeconds">, options: LeaseOptions) {
    this.#guard = guard;
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#controller.signal]);
    // Often enough for the shortest lease; a look costs nothing.
    this.#timer = setInterval(() => this.#look(), Math.min(1000, (guard.leaseSeconds * 1000) / 12));
  }

  async confirm(): Promise<void> {
    while (!this.signal.aborted) {
      // One that is under way was sent before this was asked.
      await this.#pending;
      const sentAt = now();
      await this.#renew();
      if (this.signal.aborted) break;
      if (this.#acknowledged.steady >= sentAt.steady) return;
      await this.#nextLook();
    }
    const reason: unknown = this.signal.reason;
    throw reason instanceof Error ? reason : new BackupError({ kind: "interrupted", signal: String(reason) });
  }

  async findEnd(): Promise<Error | undefined> {
    if (!this.signal.aborted) await this.#renew();
    const reason: unknown = this.#controller.signal.reason;
    return reason instanceof Error ? reason : undefined;
  }

  release(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const leaseMilliseconds = this.#guard.leaseSeconds * 1000;
    if (since(this.#acknowledged) >= (leaseMilliseconds * 2) / 3) {
      this.#end({
        kind: "lease-lost",
        ...this.#who(),
        seconds: this.#guard.leaseSeconds,
        detail: this.#trouble,
      });
    } else if (
      since(this.#acknowledged) >= leaseMilliseconds / 3 &&
      since(this.#attempted) >= leaseMilliseconds / 12
    ) {
      void this.#renew();
    }
  }

  /** One renewal at a time: one that hangs on a broken link ends when the link is given up. */
  async #renew(): Promise<void> {
    this.#pending ??= this.#renewOnce().finally(() => (this.#pending = undefined));
    await this.#pending;
  }

  async #renewOnce(): Promise<void> {
    const sentAt = now();
    this.#attempted = sentAt;
    try {
      this.#take(await this.#guard.renew(), sentAt);
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      if (!isLinkTrouble(error) && !(error instanceof BackupError)) this.#controller.abort(error);
      else if (error instanceof BackupError && "detail" in error.reason) this.#trouble = error.reason.detail;
    }
  }

  #take(answer: LeaseAnswer, sentAt: Moment): void {
    if (answer.kind === "open") this.#acknowledged = sentAt;
    if (answer.kind === "unclear") this.#trouble = answer.detail;
    if (answer.kind === "ended") {
      const { cause, detail } = answer;
      this.#end({ kind: "host-restored-itself", ...this.#who(), cause, detail });
    }
  }

  #who(): { readonly host: string; readonly vm: string } {
    return { host: this.#options.host, vm: this.#options.vm };
  }

  #end(reason: BackupError["reason"]): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(new BackupError(reason));
  }

  async #nextLook(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.min(1000, (this.#guard.leaseSeconds * 1000) / 12));
      const { signal } = this;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done);
    });
  }
}

function now(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

function since(moment: Moment): number {
  const { wall, steady } = now();
  return Math.max(wall - moment.wall, steady - moment.steady);
}
