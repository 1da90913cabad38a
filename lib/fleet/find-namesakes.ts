// Whether other hosts have a VM of a name or UUID. Reads only.

import type { HostShell } from "../backup/ports.ts";
import { parseDomainState, parseNames } from "../hypervisor/parse-virsh.ts";
import { virsh } from "../hypervisor/virsh.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { Namesake } from "../model/misfit.ts";
import type { OriginalFacts } from "../plan/original-facts.ts";
import { openHostSession } from "./host-session.ts";
import { asFailureOf } from "./understood.ts";

type Found = Pick<OriginalFacts, "elsewhere" | "unasked">;

/** How long one host may take to let us in. */
const patienceMilliseconds = 30_000;
const hostsAtOnce = 8;

/** Asks some hosts at a time. One that cannot be asked is part of the answer. */
export async function findNamesakes(
  hosts: readonly Host[],
  vm: { readonly name: string; readonly uuid: string },
  { configFile, signal }: { readonly configFile: string | undefined; readonly signal: AbortSignal },
): Promise<Found> {
  const elsewhere: Namesake[] = [];
  const unasked: { readonly host: string; readonly detail: string }[] = [];
  const waiting = [...hosts];
  const work = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      try {
        elsewhere.push(...(await askOne(host, vm, { configFile, signal })));
      } catch (thrown) {
        const error = asFailureOf(host.name, thrown);
        if (signal.aborted || !(error instanceof BackupError)) throw error;
        const { reason } = error;
        unasked.push({ host: host.name, detail: "detail" in reason ? reason.detail : reason.kind });
      }
    }
  };
  await Promise.all(Array.from({ length: hostsAtOnce }, work));
  return { elsewhere, unasked };
}

async function askOne(
  host: Host,
  vm: { readonly name: string; readonly uuid: string },
  { configFile, signal }: { readonly configFile: string | undefined; readonly signal: AbortSignal },
): Promise<readonly Namesake[]> {
  const limit = new AbortController();
  const detail = `no answer within ${patienceMilliseconds / 1000} s`;
  const reason = { kind: "host-unreachable", host: host.name, detail, command: "" } as const;
  const timer = setTimeout(() => limit.abort(new BackupError(reason)), patienceMilliseconds);
  try {
    const session = await openHostSession(host, {
      configFile,
      signal: AbortSignal.any([signal, limit.signal]),
    });
    try {
      return await lookFor(vm, host, session.shell);
    } finally {
      await session.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

async function lookFor(
  { name, uuid }: { readonly name: string; readonly uuid: string },
  host: Host,
  shell: HostShell,
): Promise<readonly Namesake[]> {
  const commands = virsh(host.uri);
  const [names, uuids] = await shell.runAll([commands.listNames(), commands.listUuids()]);
  if (names?.code !== 0 || uuids?.code !== 0) {
    const detail = names?.stderr.trim().split("\n").at(-1) ?? "";
    throw new BackupError({ kind: "libvirt-unreachable", host: host.name, uri: host.uri, detail });
  }
  const ofName = parseNames(names.stdout).includes(name)
    ? await shell.run(commands.domainUuid(name))
    : undefined;
  const found = new Set([
    ...(ofName?.code === 0 ? [ofName.stdout.trim()] : []),
    ...parseNames(uuids.stdout).filter((one) => one === uuid),
  ]);
  const states = await shell.runAll([...found].map((one) => commands.domainState(one)));
  return [...found].map((one, index) => {
    const state = states[index]?.code === 0 ? parseDomainState(states[index].stdout).state : "unknown";
    return { host: host.name, name, uuid: one, isOff: state === "shut-off" };
  });
}
