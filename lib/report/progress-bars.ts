// Live bars on a terminal: one for the run, one for each VM at work. The only user of cli-progress.

import cliProgress from "cli-progress";
import type { Event } from "../model/event.ts";
import { followEvents, type VmStatus } from "./fleet-status.ts";
import { followFleet } from "./fleet-progress.ts";
import { firstThatFits, fitColumns } from "./fit-columns.ts";
import { vmDetails } from "./vm-details.ts";

/** Bars that follow events, with log lines above them. */
export interface ProgressBars {
  update(event: Event): void;
  log(line: string): void;
  /** Leaves the last state on screen and gives the terminal back. */
  stop(): void;
}

// Bars are cut at the edge; a log line is not, since what is cut off would be lost. It is written where the first bar
// stands: old bars below it go, and are drawn anew.
const clearBelow = "\u001b[J";
const wrapLines = "\u001b[?7h";
const cutLines = "\u001b[?7l";

/** Looking at all VMs takes time that grows with them; nobody reads faster. */
const fleetMilliseconds = 250;

/** An empty drawing on a terminal, for any number of bars with a name and a detail. */
export function openBars(terminal: NodeJS.WriteStream): cliProgress.MultiBar {
  return new cliProgress.MultiBar(
    {
      stream: terminal,
      format: "{name} {bar} {percentage}% {detail}",
      barsize: 20,
      fps: 5,
      hideCursor: true,
      clearOnComplete: false,
      stopOnComplete: false,
      gracefulExit: false,
      // cli-progress measures what it draws in UTF-16 units; our lines are cut to fit before.
      linewrap: false,
      autopadding: true,
      // A bar that has not changed has moved all the same when lines were written above it.
      forceRedraw: true,
    },
    cliProgress.Presets.rect,
  );
}

/** Draws on `terminal`, which must be a terminal; `clock` tells milliseconds. */
export function progressBars(
  terminal: NodeJS.WriteStream,
  clock: () => number = () => performance.now(),
): ProgressBars {
  const bars = openBars(terminal);
  const active = new Map<string, cliProgress.SingleBar>();
  const { status, take } = followEvents();
  let isDrawing = false;
  let fleetBar: cliProgress.SingleBar | undefined;
  /** Before that, nobody knows how many VMs there are. */
  let isChosen = false;
  let askedHosts = 0;
  const detailsOf = vmDetails(clock);
  const width = (): number => terminal.columns || 80;
  // More bars than rows would scroll for ever; a VM without one gets it when another has ended.
  const mostBars = (): number => Math.max(1, (terminal.rows || 24) - (fleetBar === undefined ? 4 : 5));
  let fleetShownAt = -Infinity;
  let follow: ReturnType<typeof followFleet> | undefined;

  const fitDetail = (texts: readonly string[]): string =>
    fitColumns(firstThatFits(texts, detailWidth(width())), detailWidth(width()));
  /** VMs of hosts that have not answered yet are not among all VMs. */
  const unheardOf = (): string => {
    const count = askedHosts - status.surveyedHosts.size - status.failedHosts.size;
    return count > 0 ? `, ${count === 1 ? "1 host" : `${count} hosts`} yet to answer` : "";
  };

  /** Above all others, once there are several VMs. */
  const showFleet = (): void => {
    const now = clock();
    follow ??= followFleet(now);
    if (status.vms.size < 2 || (fleetBar !== undefined && now - fleetShownAt < fleetMilliseconds)) return;
    if (fleetBar === undefined && active.size > 0) return;
    fleetShownAt = now;
    const { doneVms, allVms, detail } = follow(status, now);
    const payload = {
      name: fitColumns(`${doneVms} of ${allVms} VMs`, nameWidth(width())),
      detail: fitDetail([`${detail}${unheardOf()}`, detail]),
    };
    isDrawing = true;
    fleetBar ??= bars.create(allVms, doneVms, payload);
    fleetBar.setTotal(allVms);
    fleetBar.update(doneVms, payload);
  };

  const show = (key: string, vm: VmStatus): void => {
    const bar = active.get(key);
    if (vm.outcome !== undefined || vm.refusal !== undefined) {
      if (bar !== undefined) bars.remove(bar);
      active.delete(key);
      return;
    }
    const payload = {
      name: fitColumns(`${vm.host}/${vm.vm}`, nameWidth(width())),
      detail: fitDetail(detailsOf.texts(key, vm)),
    };
    if (bar === undefined && active.size >= mostBars()) return;
    if (bar === undefined) {
      isDrawing = true;
      active.set(key, bars.create(Math.max(1, vm.totalBytes), vm.doneBytes, payload));
    } else {
      bar.setTotal(Math.max(1, vm.totalBytes));
      bar.update(Math.min(vm.doneBytes, Math.max(1, vm.totalBytes)), payload);
    }
  };

  return {
    update(event) {
      take(event);
      if (event.kind === "run-started") askedHosts = event.hosts.length;
      if (event.kind === "vms-chosen") isChosen = true;
      if (event.kind !== "vm" && event.kind !== "vm-refused") return;
      if (isChosen) showFleet();
      const key = `${event.host}\0${event.vm}`;
      if (event.kind === "vm") detailsOf.note(key, event.event);
      const vm = status.vms.get(key);
      if (vm !== undefined) show(key, vm);
    },
    log: (line) => {
      // Until there is a bar, cli-progress shows nothing at all.
      if (!isDrawing) terminal.write(`${line}\n`);
      else bars.log(aboveBars(line));
    },
    stop() {
      for (const bar of active.values()) bars.remove(bar);
      // The last word of it, which is not to be that of a moment ago.
      fleetShownAt = -Infinity;
      if (fleetBar !== undefined) showFleet();
      if (!isDrawing) return;
      // stop() alone would lose log lines that are still queued.
      bars.update();
      bars.stop();
    },
  };
}

/** A log line as it is written where the first bar stands. */
export function aboveBars(line: string): string {
  return `${clearBelow}${wrapLines}${line}${cutLines}\n`;
}

// The bar takes 20 columns, the percentage 5 and the gaps 3: the rest is shared by name and detail.
export const nameWidth = (columns: number): number =>
  Math.max(8, Math.min(40, Math.floor((columns - 30) / 3)));
export const detailWidth = (columns: number): number => Math.max(8, columns - 30 - nameWidth(columns));
