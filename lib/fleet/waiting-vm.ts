// What is kept of a VM until its turn: all else is asked anew then, and all VMs of a large fleet wait at once.

import { priorityOf, type HostSettings } from "../config/host-request.ts";
import type { HostFacts } from "../model/vm.ts";
import type { ChosenVm } from "./choose-vms.ts";
import type { HostSession } from "./host-session.ts";

/** A VM that is to be backed up when its turn comes. */
export interface WaitingVm {
  readonly host: string;
  readonly settings: HostSettings;
  readonly session: HostSession;
  readonly priority: number;
  /** How long the last good backup of it took; undefined when there is none. */
  readonly expectedSeconds: number | undefined;
  readonly vm: { readonly name: string; readonly uuid: string };
  /** Who shares images with whom only the look at all VMs of the host has told. */
  readonly facts: Pick<HostFacts, "imageUsers">;
}

/** Forgets everything else that the survey has told of it. */
export function waitingVm(
  { host, settings, session, request, vm, facts }: ChosenVm,
  expectedSeconds: number | undefined,
): WaitingVm {
  const { name, uuid } = vm;
  const { imageUsers } = facts;
  return {
    ...{ host, settings, session },
    ...{ priority: priorityOf(request, name), expectedSeconds },
    vm: { name, uuid },
    facts: { imageUsers },
  };
}
