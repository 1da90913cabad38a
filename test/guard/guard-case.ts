// One test of guard.sh, under the shells it must run under.

import { existsSync } from "node:fs";
import { test } from "node:test";
import { makeGuardedVm } from "./guarded-vm.ts";
import type { GuardedVm, GuardedVmOptions } from "./guarded-vm.ts";
import { shells } from "./shells.ts";

export interface GuardCaseOptions extends GuardedVmOptions {
  /** Under each shell; else under one of them, each in turn. */
  readonly everyShell?: boolean;
  /** Only under shells that take every tool from PATH, so that the test can put its own there. */
  readonly ownTools?: boolean;
}

/** With it everything runs under every shell, and restore dies at every single call; takes minutes. */
export const isThorough = process.env["VIRTFOLD_THOROUGH"] === "1";
let cases = 0;

/** Tests something on a running VM that nobody has armed a guard for yet. */
export function guardCase(
  name: string,
  options: GuardCaseOptions,
  body: (vm: GuardedVm) => Promise<void>,
): void {
  const fit = options.ownTools === true ? shells.filter(({ applets }) => applets.length === 0) : shells;
  const turn = fit[cases++ % fit.length]!;
  const chosen = options.everyShell === true || isThorough ? fit : [turn];
  for (const shell of chosen) {
    test(`${name} (${shell.name})`, async () => {
      const vm = makeGuardedVm(shell, options);
      try {
        await body(vm);
      } finally {
        vm.hypervisor.remove();
      }
    });
  }
}

/** Waits for a file that another process makes. */
export async function appearance(path: string): Promise<void> {
  for (let tries = 0; !existsSync(path); tries++) {
    if (tries === 1000) throw new Error(`${path} does not appear`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
