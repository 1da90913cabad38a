// What the benchmark is told on the command line. Pure.

import { mistake, readCommandLine, type ScriptEnd } from "../../scripts/testing/read-command-line.ts";

const help = `Run as: npm run bench -- [--hosts NUMBER] [--vms NUMBER]
A whole backup of a simulated fleet: an SSH server on 127.0.0.1 for each host, with a virsh that remembers, real rsync
and real ssh. Prints time, processor time and memory of the controller alone. Everything is removed in the end, also
after Ctrl-C.
  --hosts NUMBER  simulated hosts (default 5, at most 1000)
  --vms NUMBER    VMs on each (default 2, at most 50)`;

/** How large a fleet. */
export interface BenchRequest {
  readonly kind: "run";
  readonly hosts: number;
  readonly vms: number;
}

/** Reads a command line (without program and script). */
export function readBench(argv: readonly string[]): BenchRequest | ScriptEnd {
  const line = readCommandLine(argv, { help, flags: { hosts: "NUMBER", vms: "NUMBER" } });
  if (line.kind === "end") return line;
  const { hosts = "5", vms = "2" } = Object.fromEntries(
    Object.entries(line.values).map(([name, texts]) => [name, texts.at(-1)]),
  );
  for (const [flag, text, most] of [
    ["hosts", hosts, 1000],
    ["vms", vms, 50],
  ] as const)
    if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > most)
      return mistake(`--${flag} cannot be ${JSON.stringify(text)}: a whole number from 1 to ${most}`);
  return { kind: "run", hosts: Number(hosts), vms: Number(vms) };
}
