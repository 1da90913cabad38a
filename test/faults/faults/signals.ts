// The controller is told to stop, or dies.

import { fromPointOn, type Outcome } from "../outcome.ts";
import { ordinary, type Fault } from "../fault.ts";

const stopped = fromPointOn<Outcome>({ "inspect-vm": "interrupted", "publish-backup": "interrupted late" });

/** Ctrl-C. */
export const interrupt: Fault = {
  ...ordinary,
  ...{ name: "SIGINT", label: "INT" },
  inject: async ({ run }) => run.signal("SIGINT"),
  outcomeAt: stopped,
};

/** What a service manager sends. */
export const terminate: Fault = {
  ...ordinary,
  ...{ name: "SIGTERM", label: "TERM" },
  inject: async ({ run }) => run.signal("SIGTERM"),
  outcomeAt: stopped,
};

/** The controller is gone at once: the host must restore itself. */
export const kill: Fault = {
  ...ordinary,
  ...{ name: "SIGKILL", label: "KILL", leaseSeconds: 6 },
  inject: async ({ run }) => run.signal("SIGKILL"),
  outcomeAt: fromPointOn<Outcome>({ "inspect-vm": "killed", "publish-backup": "killed late" }),
};
