// One backup of a simulated fleet, measured.

import { fileURLToPath } from "node:url";
import { scriptCommand } from "../../scripts/testing/runtimes.ts";
import { stopOnSignals } from "../../scripts/testing/stop-on-signals.ts";
import { measureProcess, type Measurement } from "./measure-process.ts";
import { startFleet } from "./simulated-fleet.ts";

/** Runs it, prints the figures, and gives the exit code. */
export async function runBench(size: { readonly hosts: number; readonly vms: number }): Promise<number> {
  const stopping = stopOnSignals();
  try {
    console.log(`Starting ${size.hosts} hosts with ${size.vms} VMs each`);
    const fleet = await startFleet(size);
    let measured: Measurement;
    try {
      const script = fileURLToPath(new URL("../../scripts/backup.ts", import.meta.url));
      const flags = ["--inventory", fleet.inventory, "--ssh-config", fleet.sshConfig, "--store", fleet.store];
      measured = await measureProcess([...scriptCommand("node"), script, ...flags, "--quiet", "--no-color"], {
        signal: stopping.signal,
        environment: process.env,
      });
    } finally {
      await fleet.close();
    }
    if (measured.exitCode === 0) console.log(figures(size.hosts * size.vms, measured));
    else console.error(measured.output);
    return stopping.exitCode() ?? (measured.exitCode === 0 ? 0 : 1);
  } finally {
    stopping.release();
  }
}

function figures(vms: number, measured: Measurement): string {
  const { seconds, ownCpuSeconds, childrenCpuSeconds, peakBytes } = measured;
  const perVm = (total: number): string => `${total.toFixed(1)} s, ${(total / vms).toFixed(3)} s per VM`;
  return [
    `VMs backed up         ${vms}`,
    `time                  ${perVm(seconds)}`,
    `controller CPU        ${perVm(ownCpuSeconds)}`,
    `its ssh, rsync, …     ${perVm(childrenCpuSeconds)}`,
    `controller peak RSS   ${(peakBytes / 2 ** 20).toFixed(0)} MiB`,
  ].join("\n");
}
