// The VMs that the faults are thrown at, on the host of the fault tests.

import type { vmKinds } from "../lab/vm-kinds.ts";

/** A VM of the laboratory. */
export type VmKind = keyof typeof vmKinds;

/** The host of all fault tests. */
export const hostName = "hv1";

/** The VM whose backup is disturbed: three disks, one of them raw. */
export const victim = "db";

/** The VM that is backed up after it in the same run, and must come out good whatever happens to the victim. */
export const other = "web";

/** Both, in the order in which they are backed up. */
export const subjects: readonly VmKind[] = [victim, other];
