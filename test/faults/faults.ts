// Every fault, in the order of the table's columns.

import type { Fault } from "./fault.ts";
import { overlaysFull, storeFull } from "./faults/full-disks.ts";
import { guestShutDown, hostKilled, libvirtRestarted, qemuKilled } from "./faults/hypervisor-trouble.ts";
import {
  guardAndControllerKilled,
  guardKilled,
  rsyncKilled,
  sessionKilled,
} from "./faults/killed-processes.ts";
import { longCut, shortCut } from "./faults/network-cuts.ts";
import { interrupt, kill, terminate } from "./faults/signals.ts";

export const faults: readonly Fault[] = [
  ...[interrupt, terminate, kill],
  ...[longCut, shortCut],
  ...[sessionKilled, guardKilled, guardAndControllerKilled],
  ...[libvirtRestarted, qemuKilled, guestShutDown, hostKilled],
  ...[storeFull, overlaysFull],
  rsyncKilled,
];
