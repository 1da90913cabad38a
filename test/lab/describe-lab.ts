import type { Lab } from "./lab.ts";
import type { LabHost } from "./lab-host.ts";
import { stateOf } from "./vm-state.ts";

/** What a laboratory has at this moment, for people: each host, each VM with its state and how far its guest has come. */
export async function describeLab(lab: Lab): Promise<string> {
  const hosts = await Promise.all(lab.hosts.map(describeHost));
  const bastion = lab.bastion === undefined ? "" : await describeBastion(lab.bastion);
  return `lab ${lab.id} in ${lab.directory}\n${bastion}${hosts.join("")}${waysIn(lab)}`;
}

/** The commands with which one enters the laboratory. */
export function waysIn(lab: Lab): string {
  const [first] = lab.hosts;
  if (first === undefined) return "";
  return [
    `enter:  ssh -F ${lab.sshConfig} ${first.name}`,
    `keys:   ${lab.knownHosts}`,
    `store:  ${lab.storeDirectory} (at the same path in every host)`,
    `remove: npm run lab -- down --id ${lab.id}`,
    "",
  ].join("\n");
}

async function describeBastion(bastion: LabHost): Promise<string> {
  const state = (await bastion.isUp()) ? "the way to all others" : "is off";
  return `${bastion.name}  ${bastion.address}  ${state}\n`;
}

async function describeHost(host: LabHost): Promise<string> {
  const title = `${host.name}  ${host.address}  ${host.suite}`;
  if (!(await host.isUp())) return `${title}  is off\n`;
  const names = (await host.check(["virsh", "list", "--all", "--name"])).split("\n").filter(Boolean);
  const lines = await Promise.all(
    names.map(async (vm) => {
      const state = await stateOf(host, vm);
      const sequence = state === "running" ? `  SEQ ${await host.guestSequence(vm)}` : "";
      return `  ${state ?? "gone"}  ${vm}${sequence}\n`;
    }),
  );
  return `${title}\n${lines.join("")}`;
}
