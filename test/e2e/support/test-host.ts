// A laboratory for end-to-end tests: one host of it, with the VMs a test needs.

import { bringUpLab } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab.ts";
import type { LabHost, Suite } from "../../lab/lab-host.ts";
import { vmKind } from "../../lab/vm-kinds.ts";
import { pauseOthers } from "./pause-others.ts";
import { takeTestLab } from "./take-test-lab.ts";

/** A host of the laboratory and the laboratory itself. */
export interface TestHost {
  readonly lab: Lab;
  readonly host: LabHost;
}

/** Brings a host up with these kinds of VMs, or takes it as it is. All guests that no test here asked for are paused. */
export async function openTestHost(
  name: string,
  vms: readonly string[],
  suite: Suite = "machine",
): Promise<TestHost> {
  const id = await takeTestLab();
  const lab = await bringUpLab({ id, hosts: [{ name, vms, suite }] });
  const host = lab.hosts.find((one) => one.name === name);
  if (host === undefined) throw new Error(`Cannot find host "${name}" in lab "${id}"`);
  await pauseOthers(lab, { host: name, vms: vms.map((kind) => vmKind(kind).name) });
  return { lab, host };
}
