// What was learned of a host → findings about the host, then about each of its VMs.

import type { VmWish } from "../config/host-request.ts";
import { selectVms } from "../plan/select-vms.ts";
import type { Canary, Judgement } from "../model/finding.ts";
import type { Readiness } from "../model/readiness.ts";
import { findBugsThere } from "./find-bugs.ts";
import type { HostCheckup, Surveyed } from "./host-checkup.ts";
import { judgeAt, type Judge } from "./judge.ts";
import { judgeRecoveries } from "./judge-recoveries.ts";
import { judgeVm } from "./judge-vm.ts";

/** A guard and its journal take some hundred KiB; a file system with less than this is as good as full. */
const leastGuardBytes = 16 * 1024 * 1024;

/** All findings of one host. */
export function judgeHost(checkup: HostCheckup): readonly Judgement[] {
  const { request, failures, readiness, canary, surveyed } = checkup;
  const judge = judgeAt({ kind: "host", host: request.host.name });
  return [
    ...(readiness === undefined ? [] : judgeReadiness(readiness, checkup, judge)),
    ...failures.map((reason) => judge("problem", { kind: "failed", reason })),
    ...(canary === undefined ? [] : [judgeCanary(canary, judge)]),
    ...(surveyed === undefined ? [] : judgeSurvey(surveyed, checkup, judge)),
  ];
}

function judgeReadiness(
  { user, isRoot, missingTools, guardFolder, endsSessions }: Readiness,
  { request, dataPath }: HostCheckup,
  judge: Judge,
): readonly Judgement[] {
  const { trouble, freeBytes } = guardFolder;
  const isShort = freeBytes !== undefined && freeBytes < leastGuardBytes;
  return [
    judge("ok", { kind: "reached", user, isRoot, sudo: request.host.sudo === true }),
    ...(dataPath === undefined
      ? []
      : [judge(dataPath.isOpen ? "ok" : "problem", { kind: "data-path", ...dataPath })]),
    ...(missingTools.length > 0 ? [judge("problem", { kind: "tools-missing", tools: missingTools })] : []),
    judge(trouble !== undefined ? "problem" : isShort ? "warning" : "ok", {
      kind: "guard-folder",
      ...guardFolder,
    }),
    ...(endsSessions ? [judge("warning", { kind: "session-ends", user })] : []),
  ];
}

function judgeCanary(canary: Canary, judge: Judge): Judgement {
  const isLeft = canary.left.length > 0;
  return judge(isLeft || canary.step !== undefined ? "problem" : "ok", { kind: "canary", ...canary }, isLeft);
}

function judgeSurvey(
  surveyed: Surveyed,
  { request, readiness }: HostCheckup,
  judge: Judge,
): readonly Judgement[] {
  const { facts, confinement, recoveries } = surveyed;
  const { name: host } = request.host;
  const wanted = request.vms?.map(({ text }) => text);
  const { chosen, unreadable, missing, leftOut } = selectVms(facts, wanted, request.rules);
  const known = facts.vms.map(({ name }) => name);
  const models = confinement ?? [];
  const selinux = readiness?.selinux;
  return [
    judge("ok", { kind: "versions", versions: facts.versions }),
    ...findBugsThere(facts.versions, models).map(({ bug, version, severity }) =>
      judge(severity, { kind: "known-bug", bug, version }),
    ),
    ...(confinement === undefined ? [] : [judge("ok", { kind: "confinement", models, selinux })]),
    judge("ok", { kind: "vms-found", vms: facts.vms.length, leftOut }),
    ...judgeRecoveries(host, wanted, recoveries),
    ...missing
      .filter((vm) => request.vms?.some((wish) => wish.text === vm && isNeededHere(wish)) === true)
      .map((vm) => judge("problem", { kind: "failed", reason: { kind: "vm-not-found", host, vm, known } })),
    ...unreadable.map(({ uuid, name, detail }) =>
      judge("problem", { kind: "failed", reason: { kind: "vm-unreadable", host, vm: name ?? uuid, detail } }),
    ),
    ...chosen.flatMap((vm) => judgeVm(vm, { request, surveyed })),
  ];
}

/** Of a VM that may be on another host nothing is said here. */
function isNeededHere({ sharedTarget, mayBeMissing }: VmWish): boolean {
  return sharedTarget === undefined && mayBeMissing !== true;
}
