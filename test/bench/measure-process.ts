// Runs a program and measures it, and what it starts, apart from everything else on the machine. Linux only.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a program took. */
export interface Measurement {
  readonly exitCode: number | null;
  readonly seconds: number;
  /** Processor time of the program itself. */
  readonly ownCpuSeconds: number;
  /** Processor time of the programs that it started and waited for. */
  readonly childrenCpuSeconds: number;
  /** The most memory the program itself held at once. */
  readonly peakBytes: number;
  readonly output: string;
}

const sampleMilliseconds = 200;
/** What Linux counts processor time in, for user space. */
const ticksPerSecond = 100;

/** Runs it to its end; `signal` asks it to stop, and it may still put things right. */
export async function measureProcess(
  argv: readonly [string, ...string[]],
  { signal, environment }: { readonly signal: AbortSignal; readonly environment: NodeJS.ProcessEnv },
): Promise<Measurement> {
  const startedAt = performance.now();
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, env: environment });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-4000)));
  let [ownCpuSeconds, childrenCpuSeconds, peakBytes] = [0, 0, 0];
  const sample = (): void => {
    const found = lookAt(child.pid);
    if (found !== undefined) [ownCpuSeconds, childrenCpuSeconds, peakBytes] = found;
  };
  const timer = setInterval(sample, sampleMilliseconds);
  const stop = (): void => void child.kill("SIGINT");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const seconds = (performance.now() - startedAt) / 1000;
    return { exitCode, seconds, ownCpuSeconds, childrenCpuSeconds, peakBytes, output };
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Undefined once it has ended. proc(5): stat's fields after the name, which may hold anything. */
function lookAt(pid: number | undefined): [number, number, number] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")
      .map(Number);
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = stat.slice(11, 15);
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (peak === undefined) return undefined;
    const children = (childrenUser + childrenSystem) / ticksPerSecond;
    return [(user + system) / ticksPerSecond, children, Number(peak) * 1024];
  } catch {
    return undefined;
  }
}
