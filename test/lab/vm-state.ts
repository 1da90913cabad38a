import type { LabHost } from "./lab-host.ts";

/** Sees to it that a VM runs: a paused one goes on, another one is started. */
export async function startVm(host: LabHost, name: string): Promise<void> {
  const state = await stateOf(host, name);
  if (state === "running") return;
  await host.check(["virsh", state === "paused" ? "resume" : "start", "--domain", name]);
}

/** The state of a VM as virsh says it ("running", "shut off"); undefined when the host has no VM of this name. */
export async function stateOf(host: LabHost, name: string): Promise<string | undefined> {
  const { code, stdout } = await host.run(["virsh", "domstate", "--domain", name]);
  return code === 0 ? stdout.trim() : undefined;
}
