import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { toShell } from "../../lib/shell/command.ts";
import { runLocal } from "../../lib/shell/run-local.ts";
import { detachLoopsBelow } from "./block-devices.ts";
import { enterHost } from "./enter-host.ts";
import { agentAnswers, execInGuest } from "./guest-agent.ts";
import type { LabHost, Suite } from "./lab-host.ts";
import { initOf } from "./host-processes.ts";
import type { HostPlace, LabPlace } from "./lab-place.ts";
import { addressOfCard, type Card } from "./lab-cards.ts";
import { unplug } from "./lab-network.ts";
import { makeVm } from "./make-vm.ts";
import { runChecked } from "./run-checked.ts";
import { runInSmallProcess } from "./small-process.ts";
import { clearHost, startHost } from "./start-host.ts";
import { serialLog } from "./vm-xml.ts";
import { waitUntil } from "./wait-until.ts";

/** What a host is made of: everything needed to boot it again. */
export interface HostSetting {
  readonly lab: LabPlace;
  readonly place: HostPlace;
  /** Its network cards; the first one's address is the host's. */
  readonly cards: readonly Card[];
  readonly suite: Suite;
  /** The root below its writable layer. */
  readonly lower: string;
  /** A bastion runs nothing but sshd. */
  readonly role: "hypervisor" | "bastion";
  /** Whether this machine reaches it without a bastion. */
  readonly isReachable: boolean;
}

/** A host of the laboratory, running or not. */
export function openHost(setting: HostSetting): LabHost {
  const { place } = setting;
  let known: number | undefined;
  const find = async (): Promise<number | undefined> => {
    if (known === undefined || !livesIn(known, place.namespace)) known = await initOf(place);
    return known;
  };
  const init = async (): Promise<number> => {
    const found = await find();
    if (found === undefined) throw new Error(`Cannot enter host "${place.name}": it is not running`);
    return found;
  };
  const host: LabHost = {
    name: place.name,
    address: addressOfCard(setting.cards[0]!),
    suite: setting.suite,
    run: async (command, options) =>
      await runInSmallProcess(enterHost(await init(), command), { deadlineSeconds: 60, ...options }),
    check: async (command, options) => {
      const result = await host.run(command, options);
      if (result.code === 0) return result.stdout;
      const how = result.endedBy ?? result.code ?? result.signal;
      throw new Error(
        `Cannot run ${toShell(command).slice(0, 400)} on "${place.name}": ${how}\n${result.stderr.trim()}`,
      );
    },
    path: (inside) => outsidePath(place, inside, known),
    cutNetwork: async () => void (await runChecked(["ip", "link", "set", place.cable, "down"])),
    mendNetwork: async () => {
      await runChecked(["ip", "link", "set", place.cable, "up"]);
      // Who asked for it while the cable was out would be told a second later that nobody answers.
      await runChecked(["ip", "neighbour", "flush", "to", host.address]);
    },
    kill: async () => {
      await runLocal(["ip", "link", "set", place.cable, "down"], { deadlineSeconds: 20 });
      await clearHost(place);
      await unplug(place, setting.cards);
      await detachLoopsBelow(place.directory);
      known = undefined;
    },
    start: async () => void (known = await startHost(setting)),
    isUp: async () => (await find()) !== undefined,
    guestSequence: async (vm) => Number((await host.guestLog(vm)).match(/.*^SEQ (\d+)\r?\n/ms)?.[1] ?? 0),
    guestLog: async (vm) => {
      await init();
      return tailOf(host.path(serialLog(vm)));
    },
    waitForGuest: (vm, options) => waitForGuest(host, vm, options ?? {}),
    guestExec: (vm, text, options) => execInGuest(host, vm, text, options?.limitSeconds ?? 30),
    defineVm: (spec) => makeVm(host, place, spec),
  };
  return host;
}

async function waitForGuest(
  host: LabHost,
  vm: string,
  options: { limitSeconds?: number; agent?: boolean },
): Promise<void> {
  const limitSeconds = options.limitSeconds ?? 180;
  const before = await host.guestSequence(vm);
  const explain = async (): Promise<string> => (await host.guestLog(vm)).slice(-2000);
  await waitUntil(`guest "${vm}" writes`, { limitSeconds, everyMilliseconds: 200, explain }, async () =>
    (await host.guestSequence(vm)) === before ? undefined : true,
  );
  if (options.agent === false) return;
  await waitUntil(
    `the agent of guest "${vm}" answers`,
    { limitSeconds, everyMilliseconds: 300, explain },
    async () => ((await agentAnswers(host, vm)) ? true : undefined),
  );
}

function outsidePath(place: HostPlace, inside: string, init: number | undefined): string {
  if (inside.startsWith("/var/lib/libvirt/"))
    return join(place.directory, "libvirt", inside.slice("/var/lib/libvirt".length));
  if (inside.startsWith("/srv/")) return join(place.directory, "srv", inside.slice("/srv".length));
  return init === undefined ? join(place.directory, "upper", inside) : `/proc/${init}/root${inside}`;
}

function livesIn(pid: number, namespace: string): boolean {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino === statSync(`/run/netns/${namespace}`).ino;
  } catch {
    return false;
  }
}

async function tailOf(file: string): Promise<string> {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return "";
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 65536);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await handle.close();
  }
}
