// Which VMs of a host are meant, and what is known of them. What goes wrong on one host stays that host's trouble.

import {
  overlayDirectoryOf,
  settingsFor,
  type HostRequest,
  type HostSettings,
} from "../config/host-request.ts";
import type { Settings } from "../config/setting-rules.ts";
import type { Emit, Event } from "../model/event.ts";
import { BackupError, type FailureReason } from "../model/failure.ts";
import type { Host, ToolVersions } from "../model/host.ts";
import type { HostFacts, VmFacts } from "../model/vm.ts";
import { selectVms } from "../plan/select-vms.ts";
import { openHostSession, type HostSession } from "./host-session.ts";
import { surveyHost } from "./survey.ts";
import { vmUnreadable } from "./understood.ts";
import type { LookedAt } from "./unmatched-targets.ts";

/** Surveys are short and cost the hosts little. */
export const hostsAtOnce = 8;

/** What of a request holds for every host. */
export interface BackupWish {
  readonly settings: Pick<Settings, "sshConfig">;
  /** Each host once. */
  readonly hosts: readonly HostRequest[];
  readonly newName: string | undefined;
}

/** What choosing depends on besides the host. */
export interface ChoosingContext {
  readonly request: BackupWish;
  readonly context: { readonly emit: Emit<Event>; readonly signal: AbortSignal };
  /** Versions of what this machine has. */
  readonly here: ToolVersions;
  /** Takes what is opened, to be closed by the caller. */
  readonly sessions: { add(session: HostSession): void };
  /** Takes which names were found where: a target over several hosts need be found on one of them only. */
  readonly looked: LookedAt[];
}

/** A VM that is to be backed up, as the survey of its host found it. */
export interface ChosenVm {
  readonly host: string;
  readonly request: HostRequest;
  readonly settings: HostSettings;
  readonly vm: VmFacts;
  readonly facts: HostFacts;
  readonly session: HostSession;
}

/** Surveys a host. A host that cannot be asked, and VMs that are out of the question, are told of by events. */
export async function chooseVms(
  one: HostRequest,
  { request, context, here, sessions, looked }: ChoosingContext,
): Promise<readonly ChosenVm[]> {
  if (context.signal.aborted) return [];
  const { host } = one;
  try {
    context.emit({ kind: "survey-started", host: host.name });
    const configFile = request.settings.sshConfig;
    const session = await openHostSession(host, { configFile, signal: context.signal });
    sessions.add(session);
    // A copy: names that are cut out of an answer would keep the whole of it in memory for as long as they are known.
    const facts = structuredClone(
      await surveyHost(session.shell, { uri: host.uri, overlayDirectoryOf: overlayDirectoryOf(one) }),
    );
    await session.prepareTransfer({ here, there: facts.versions });
    context.emit({ kind: "host-surveyed", host: host.name, vms: facts.vms.length });
    const chosen = selectFrom(facts, one, { emit: context.emit, looked });
    context.emit({ kind: "vms-chosen", host: host.name, vms: chosen.map(({ name }) => name) });
    return chosen.map((vm) => {
      const settings = settingsFor(one, vm.name);
      return { host: host.name, request: one, settings, vm, facts, session };
    });
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (error.reason.kind !== "interrupted")
      context.emit({ kind: "host-failed", host: host.name, reason: error.reason });
    return [];
  }
}

function selectFrom(
  facts: HostFacts,
  one: HostRequest,
  { emit, looked }: { readonly emit: Emit<Event>; readonly looked: LookedAt[] },
): readonly VmFacts[] {
  const { host, vms, rules } = one;
  const wanted = vms?.map(({ text }) => text);
  const { chosen, unreadable, missing, leftOut } = selectVms(facts, wanted, rules);
  const known = facts.vms.map(({ name }) => name);
  looked.push({ request: one, known, missing });
  if (leftOut.length > 0) emit({ kind: "vms-left-out", host: host.name, vms: leftOut });
  for (const vm of unreadable) {
    const reason = vmUnreadable(host, vm);
    refuseVm(emit, { host, vm: reason.vm }, reason);
  }
  // Of one name the strictest wish holds.
  const must = vms?.filter((wish) => wish.sharedTarget === undefined && wish.mayBeMissing !== true);
  for (const vm of missing.filter((name) => must?.some(({ text }) => text === name) === true))
    refuseVm(emit, { host, vm }, { kind: "vm-not-found", host: host.name, vm, known });
  return chosen;
}

/** Tells that a VM is not backed up, and why. */
export function refuseVm(
  emit: Emit<Event>,
  { host, vm }: { readonly host: Pick<Host, "name">; readonly vm: string },
  reason: FailureReason,
): void {
  emit({ kind: "vm-refused", host: host.name, vm, reason });
}
