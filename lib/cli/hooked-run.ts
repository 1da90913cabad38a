// A run with the operator's hook before and after it, and before and after each VM's turn.

import { BackupError } from "../model/failure.ts";
import type { RunContext } from "../fleet/run-context.ts";
import type { RunFinished, VmResult } from "../report/run-result-schema.ts";
import { runHook, type Hook, type HookMoment } from "./run-hook.ts";

/** What a hook is told, and who is told of its troubles. */
export interface HookedRun {
  readonly hook: Hook | undefined;
  readonly signal: AbortSignal;
  /** What came of a VM's turn; undefined when nothing did. */
  readonly resultOf: (host: string, vm: string) => VmResult | undefined;
  /** Told of a hook that failed afterwards, when it is too late to do anything about it. */
  readonly complain: (error: BackupError) => void;
}

/** The hooks of a run, ready to be called; without one they do nothing. */
export interface Hooks {
  /** @throws BackupError `hook-failed` or `interrupted`: nothing shall be done. */
  beforeRun(facts: object): Promise<void>;
  readonly aroundVm: RunContext["aroundVm"];
  afterRun(result: RunFinished): Promise<void>;
}

/** Who came before is told of the end, too, whatever came of it: also after an interruption. */
export function hooksOf({ hook, signal, resultOf, complain }: HookedRun): Hooks {
  const before = async (moment: HookMoment, facts: object): Promise<void> => {
    if (hook !== undefined) await runHook(hook, { moment, facts }, signal);
  };
  const afterwards = async (moment: HookMoment, facts: object): Promise<void> => {
    if (hook === undefined) return;
    try {
      await runHook(hook, { moment, facts });
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      complain(error);
    }
  };
  return {
    beforeRun: (facts) => before("before-run", facts),
    aroundVm: async ({ host, vm, uuid }, turn) => {
      await before("before-vm", { host, vm, uuid });
      try {
        await turn();
      } finally {
        await afterwards("after-vm", { host, vm, uuid, result: resultOf(host, vm) ?? null });
      }
    },
    afterRun: (result) => afterwards("after-run", { result }),
  };
}
