// A host of a run for tests: all its VMs, with built-in settings, unless told otherwise.

import type { HostRequest } from "../../lib/config/host-request.ts";
import { noVmRules } from "../../lib/config/vm-rules.ts";

export function buildHostRequest(changes: Partial<HostRequest> = {}): HostRequest {
  return {
    host: { name: "kvm1", destination: "kvm1", uri: "qemu:///system" },
    vms: undefined,
    rules: noVmRules,
    priority: 0,
    before: [],
    after: [],
    ...changes,
  };
}
