// A systemd of its own beside this machine's: the first process of a process namespace, with the machine's files, its own
// /run and its own part of the control groups. It starts nothing by itself.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { runChecked } from "./run-checked.ts";
import { withUs } from "./run-with-us.ts";
import { waitUntil } from "./wait-until.ts";

const program = "/usr/lib/systemd/systemd";
const groupPrefix = "virtfold-systemd-";

export interface RealSystemd {
  /** What to put before a command to run it in there, in its namespaces but in no unit. */
  readonly enter: readonly [string, ...string[]];
  /** Runs `systemctl` in there and returns what it prints. */
  systemctl(...args: readonly string[]): Promise<string>;
  /** Ends it with everything it runs, and removes its control groups. */
  remove(): Promise<void>;
}

/** Starts one, and waits until it answers. It ends with this process. Needs root, and systemd installed; one at a time. */
export async function startSystemd(): Promise<RealSystemd> {
  if (!existsSync(program)) throw new Error(`Cannot start systemd: there is no ${program}`);
  const groups = unifiedGroups();
  removeGroupsOfTheDead(groups);
  const group = join(groups, `${groupPrefix}${process.pid}`);
  const [first, ...rest] = [...withUs, "sh", "-ec", begin, "sh", group, program] as const;
  const child = spawn(first, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => void child.on("close", () => resolve()));

  const remove = async (): Promise<void> => {
    // unshare ends its child with it, and with the first process end all the others of a process namespace.
    child.kill("SIGKILL");
    await ended;
    await waitUntil(`${group} is empty`, { limitSeconds: 30 }, async () =>
      removeGroups(group) ? true : undefined,
    );
  };
  try {
    const init = await waitUntil("systemd has begun", { limitSeconds: 30, explain: () => said }, async () =>
      systemdBelow(child.pid ?? 0),
    );
    const enter = ["nsenter", "--target", String(init), "--pid", "--mount", "--cgroup"] as const;
    const systemctl: RealSystemd["systemctl"] = (...args) => runChecked([...enter, "systemctl", ...args]);
    let refusal = "";
    await waitUntil("systemd answers", { limitSeconds: 30, explain: () => `${said}${refusal}` }, () =>
      systemctl("is-system-running").catch((error: unknown) => void (refusal = String(error))),
    );
    return { enter: [...enter], systemctl, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

// The units of the machine are not for this one: it has a folder of its own, with what systemd cannot do without.
const begin = `
mkdir "$1"
echo $$ >"$1/cgroup.procs"
exec unshare --pid --fork --kill-child=KILL --mount --cgroup sh -ec '
mount --make-rprivate /
umount --lazy /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mount -t proc proc /proc
mkdir /run/units
for unit in default sysinit basic shutdown; do
  printf "[Unit]\\nDefaultDependencies=no\\n" >"/run/units/$unit.target"
done
export SYSTEMD_UNIT_PATH=/run/units container=virtfold
exec "$1" --system --log-target=console --show-status=0' sh "$2"`;

/** Where the one hierarchy of control groups v2 is mounted. */
function unifiedGroups(): string {
  const mount = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .find((line) => line.split(" ")[2] === "cgroup2");
  const path = mount?.split(" ")[1];
  if (path === undefined) throw new Error("Cannot start systemd: no cgroup2 is mounted");
  return path;
}

/** The process that is systemd; what the shell before it runs are children of it too. */
function systemdBelow(pid: number): number | undefined {
  const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  const name = child === "" ? "" : nameOf(child);
  return name === "systemd" ? Number(child) : undefined;
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return ""; // It has ended meanwhile.
  }
}

/** The kernel ends what a killed test run has left, but not the groups that it was in. */
function removeGroupsOfTheDead(groups: string): void {
  for (const name of readdirSync(groups)) {
    const owner = name.startsWith(groupPrefix) ? name.slice(groupPrefix.length) : undefined;
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) removeGroups(join(groups, name));
  }
}

/** Whether a group is gone with all below it; one that has a process still cannot be removed. */
function removeGroups(group: string): boolean {
  if (!existsSync(group)) return true;
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(group, entry.name));
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}
