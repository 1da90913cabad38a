// What was learned of a host, for tests: all is well, unless told otherwise.

import type { HostCheckup, Surveyed } from "../../lib/doctor/host-checkup.ts";
import type { Readiness } from "../../lib/model/readiness.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import { planRecovery } from "../../lib/plan/plan-recovery.ts";
import { buildHostRequest } from "./build-host-request.ts";
import { buildHostFacts, buildVmFacts } from "./build-vm-facts.ts";

export function buildReadiness(changes: Partial<Readiness> = {}): Readiness {
  return {
    ...{ user: "root", isRoot: true, missingTools: [], endsSessions: false, selinux: undefined },
    guardFolder: { folder: "/var/lib/virtfold", trouble: undefined, freeBytes: 2 ** 34 },
    ...changes,
  };
}

/** A host whose agents answer, with what these VMs and guards leave to be put right. */
export function buildSurveyed(
  vms: readonly VmFacts[] = [buildVmFacts()],
  changes: Partial<Surveyed> = {},
): Surveyed {
  const facts = changes.facts ?? {
    ...buildHostFacts(vms),
    versions: { libvirt: "12.1.0", qemu: "9.2.0", qemuImg: "9.2.0", rsync: "3.5.0" },
  };
  return {
    facts,
    confinement: ["apparmor", "dac"],
    recoveries: planRecovery(facts),
    doesAgentAnswer: new Map(facts.vms.map(({ uuid }) => [uuid, true])),
    unreadableFiles: new Set(),
    closedFolders: new Set(),
    ...changes,
  };
}

export function buildHostCheckup(changes: Partial<HostCheckup> = {}): HostCheckup {
  return {
    request: buildHostRequest(),
    failures: [],
    readiness: buildReadiness(),
    dataPath: { isOpen: true, detail: "" },
    surveyed: buildSurveyed(),
    canary: undefined,
    ...changes,
  };
}
