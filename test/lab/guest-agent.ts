import { setTimeout as pause } from "node:timers/promises";
import type { LabHost } from "./lab-host.ts";

/** Whether the agent in the guest answers now. */
export async function agentAnswers(host: LabHost, vm: string): Promise<boolean> {
  const result = await host.run(agentCommand(vm, { execute: "guest-ping" }), { deadlineSeconds: 40 });
  return result.code === 0;
}

/** Runs shell text in the guest through its agent and returns what it printed; throws when it fails. */
export async function execInGuest(
  host: LabHost,
  vm: string,
  text: string,
  limitSeconds: number,
): Promise<string> {
  const started = await ask<{ pid: number }>(host, vm, {
    execute: "guest-exec",
    arguments: { path: "/bin/sh", arg: ["-c", text], "capture-output": true },
  });
  const end = performance.now() + limitSeconds * 1000;
  while (performance.now() < end) {
    const status = await ask<ExecStatus>(host, vm, {
      execute: "guest-exec-status",
      arguments: { pid: started.pid },
    });
    if (status.exited) return outputOf(vm, text, status);
    await pause(200);
  }
  throw new Error(`Cannot see the end of "${text}" in guest "${vm}": waited ${limitSeconds} s`);
}

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

function outputOf(vm: string, text: string, status: ExecStatus): string {
  const output = Buffer.from(status["out-data"] ?? "", "base64").toString();
  if (status.exitcode === 0) return output;
  const errors = Buffer.from(status["err-data"] ?? "", "base64").toString();
  throw new Error(`Cannot run "${text}" in guest "${vm}": exit code ${status.exitcode}\n${output}${errors}`);
}

async function ask<T>(host: LabHost, vm: string, message: object): Promise<T> {
  return (JSON.parse(await host.check(agentCommand(vm, message))) as { return: T }).return;
}

function agentCommand(vm: string, message: object): readonly [string, ...string[]] {
  return ["virsh", "qemu-agent-command", "--timeout", "20", "--domain", vm, JSON.stringify(message)];
}
