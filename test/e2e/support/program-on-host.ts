// virtfold on the hypervisor itself: the program lies on a host of the laboratory and is started there.

import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../../../lib/shell/command.ts";
import type { LabHost } from "../../lab/lab-host.ts";
import { runChecked } from "../../lab/run-checked.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import type { RunEnd } from "./virtfold-process.ts";

/** The program on a host. */
export interface ProgramOnHost {
  /** Backs up to the end. */
  readonly backUp: (args: readonly string[]) => Promise<RunEnd>;
  /** Starts a backup and kills it with SIGKILL once its log has a line that matches. */
  readonly killOnceLogged: (args: readonly string[], pattern: RegExp) => Promise<void>;
}

/** As whom it runs, and with which folder of programs before all others. */
export interface Start {
  readonly user?: string;
  readonly programs?: string;
}

const top = fileURLToPath(new URL("../../../", import.meta.url));
const place = "/opt/virtfold";
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Puts the program, what it needs to run, and an inventory there; replaces what is there. */
export async function putOnHost(host: LabHost, inventory: string): Promise<void> {
  const target = host.path(place);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const listing = await runChecked(["npm", "ls", "--omit=dev", "--all", "--parseable"], { directory: top });
  const packages = listing.split("\n").flatMap((path) => {
    const inside = relative(top, path);
    return inside.startsWith("node_modules/") ? [inside] : [];
  });
  for (const path of ["package.json", "lib", "scripts", ...packages])
    await cp(join(top, path), join(target, path), { recursive: true });
  await writeFile(join(target, "inventory.yaml"), inventory);
  // Where the machine's own is hidden from the host.
  if ((await host.run([process.execPath, "--version"])).code !== 0)
    await cp(process.execPath, join(target, "node"));
}

/** Takes it away again. */
export async function removeFromHost(host: LabHost): Promise<void> {
  for (const folder of [place, logFolder]) await rm(host.path(folder), { recursive: true, force: true });
}

/** The program as it was put there. */
export function programOnHost(host: LabHost, start: Start = {}): ProgramOnHost {
  const backUp = async (args: readonly string[]): Promise<RunEnd> => {
    const { code, stdout, stderr } = await host.run(["sh", "-c", runHere, ...words(start, args)], {
      deadlineSeconds: 600,
    });
    return { code, stdout, stderr };
  };
  return {
    backUp,
    killOnceLogged: async (args, pattern) => {
      await host.check(["rm", "-rf", logFolder]);
      const run = backUp(args);
      let log = "";
      const options = { limitSeconds: 120, everyMilliseconds: 20, explain: () => log };
      await waitUntil(`its log says ${String(pattern)}`, options, async () => {
        log = (await host.run(["cat", `${logFolder}/log`])).stdout;
        return pattern.test(log) ? true : undefined;
      });
      const [pid = ""] = (await host.check(["cat", `${logFolder}/pid`])).split("\n");
      await host.check(["kill", "-KILL", pid]);
      await run;
    },
  };
}

const logFolder = "/run/virtfold-on-host";

/** What it says goes to a file too, for whoever waits for a line. */
const runHere = `
mkdir -p -m 777 ${logFolder}; rm -f ${logFolder}/*
cd ${place}
node=node; [ ! -x ./node ] || node=./node
export NO_COLOR=1
exec 3>&1
{ setpriv "$@" 2>&1 >&3 3>&-; echo $? >${logFolder}/code; } | tee ${logFolder}/log >&2
exit "$(cat ${logFolder}/code)"`;

function words({ user = "root", programs }: Start, args: readonly string[]): Command {
  const path = programs === undefined ? systemPath : `${programs}:${systemPath}`;
  const home = user === "root" ? "/root" : `/home/${user}`;
  return [
    "sh",
    ...[
      "--reuid",
      user,
      "--regid",
      user,
      "--init-groups",
      "--reset-env",
      "env",
      `PATH=${path}`,
      `HOME=${home}`,
    ],
    ...["sh", "-c", `echo $$ >${logFolder}/pid; exec "$@"`, "sh"],
    ...["node", "--import", "tsx", "scripts/backup.ts", ...args],
  ];
}
