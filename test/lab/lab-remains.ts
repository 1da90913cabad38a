import { readdir, readFile } from "node:fs/promises";
import { loopsBelow } from "./block-devices.ts";
import { exists } from "./exists.ts";
import { processesMountedFrom, processesOf } from "./host-processes.ts";
import type { LabPlace } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";

/** Everything a laboratory has on this machine at this moment, found by its id alone. */
export interface LabRemains {
  readonly processes: readonly number[];
  readonly namespaces: readonly string[];
  readonly links: readonly string[];
  /** Mount points in this process's mount namespace, deepest first. */
  readonly mounts: readonly string[];
  readonly loopDevices: readonly string[];
  readonly folders: readonly string[];
}

/** Looks for everything that belongs to the laboratory, whatever its state file says, or if it has none. */
export async function findRemains(place: LabPlace): Promise<LabRemains> {
  const namespaces = await namespacesOf(place);
  return {
    processes: await labProcesses(place),
    namespaces,
    links: await linksOf(place),
    mounts: await mountsBelow(place.directory),
    loopDevices: await loopsBelow(place.directory),
    folders: (await exists(place.directory)) ? [place.directory] : [],
  };
}

/** Whether nothing of it is left. */
export function isNothing(remains: LabRemains): boolean {
  return Object.values(remains).every((list: readonly unknown[]) => list.length === 0);
}

/** The processes of all hosts of the laboratory, also of those whose network namespace has lost its name. */
export async function labProcesses(place: LabPlace): Promise<number[]> {
  const inside = await Promise.all((await namespacesOf(place)).map(processesOf));
  return [...new Set([...inside.flat(), ...(await processesMountedFrom(place.directory))])];
}

async function namespacesOf(place: LabPlace): Promise<string[]> {
  const names = await readdir("/run/netns").catch(() => []);
  return names.filter((name) => name.startsWith(place.namespacePrefix));
}

async function linksOf(place: LabPlace): Promise<string[]> {
  const links = JSON.parse(await runChecked(["ip", "-json", "link", "show"])) as { ifname: string }[];
  return links
    .map((link) => link.ifname)
    .filter((name) => [place.bridge, place.innerBridge].includes(name) || name.startsWith(`vf${place.tag}.`));
}

async function mountsBelow(directory: string): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const points = table.split("\n").map((line) => unescapeMount(line.split(" ")[4] ?? ""));
  return points.filter((point) => point === directory || point.startsWith(`${directory}/`)).reverse();
}

function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
