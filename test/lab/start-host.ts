import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "../../lib/shell/command.ts";
import { runLocal } from "../../lib/shell/run-local.ts";
import { attachBlockDevices } from "./block-devices.ts";
import { enterHost } from "./enter-host.ts";
import { initOf, killAll, processesMountedFrom, processesOf } from "./host-processes.ts";
import { addressOfCard } from "./lab-cards.ts";
import type { HostPlace } from "./lab-place.ts";
import { plugIn } from "./lab-network.ts";
import type { HostSetting } from "./open-host.ts";
import { waitUntil } from "./wait-until.ts";

const bootScript = join(dirname(fileURLToPath(import.meta.url)), "host", "boot.sh");

/** Boots a host and waits until its libvirt and its sshd answer. Returns its PID 1. Harmless when it runs. */
export async function startHost(setting: HostSetting): Promise<number> {
  const { place: host } = setting;
  const running = await initOf(host);
  if (running !== undefined && (await answersSoon(setting, running))) return running;
  await clearHost(host);
  await plugIn(host, setting.cards);
  await attachBlockDevices(host);
  await launch(setting);
  const explain = (): Promise<string> => tailOf(host.bootLog);
  return waitUntil(`host "${host.name}" is ready`, { limitSeconds: 120, explain }, async () => {
    const init = await initOf(host);
    return init !== undefined && (await answers(setting, init)) ? init : undefined;
  });
}

/** A host whose cable a test has pulled is plugged in again before it is judged. */
async function answersSoon(setting: HostSetting, init: number): Promise<boolean> {
  for (const { cable } of setting.cards)
    await runLocal(["ip", "link", "set", cable, "up"], { deadlineSeconds: 20 });
  return (await answers(setting, init)) || (await answers(setting, init));
}

/** Kills what is left of a host, however it was made. */
export async function clearHost(host: HostPlace): Promise<void> {
  await killAll(async () => [
    ...(await processesOf(host.namespace)),
    ...(await processesMountedFrom(host.directory)),
  ]);
}

async function launch({ lab, place: host, lower, role }: HostSetting): Promise<void> {
  const log = await open(host.bootLog, "a");
  const child = spawn(
    "nsenter",
    [
      `--net=/run/netns/${host.namespace}`,
      ...["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--propagation", "private"],
      ...[
        "/bin/sh",
        bootScript,
        lower,
        host.directory,
        lab.storeDirectory,
        dirname(lab.directory),
        host.name,
        role,
      ],
    ],
    { detached: true, stdio: ["ignore", log.fd, log.fd], cwd: "/" },
  );
  await Promise.race([
    once(child, "spawn"),
    once(child, "error").then(([error]) => Promise.reject(error as Error)),
  ]);
  child.unref();
  await log.close();
}

async function answers({ place, cards, role, isReachable }: HostSetting, init: number): Promise<boolean> {
  const address = addressOfCard(cards[0]!);
  const [hasLibvirt, hasSshd] = await Promise.all([
    role === "bastion" || succeeds(enterHost(init, ["virsh", "--connect", "qemu:///system", "list"])),
    isReachable
      ? greetingOf(address).then((greeting) => greeting.startsWith("SSH-2.0"))
      : succeeds(askKey(place, address)),
  ]);
  return hasLibvirt && hasSshd;
}

/** Asks sshd for its key from within the host's network. */
function askKey({ namespace }: HostPlace, address: string): Command {
  return ["nsenter", `--net=/run/netns/${namespace}`, "ssh-keyscan", "-T", "2", "-t", "ed25519", address];
}

async function succeeds(command: Command): Promise<boolean> {
  return (await runLocal(command, { deadlineSeconds: 20 })).code === 0;
}

async function greetingOf(address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 2000 });
    const end = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.once("data", (data) => end(data.toString()));
    socket.once("error", () => end(""));
    socket.once("timeout", () => end(""));
  });
}

async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: unknown) => String(error));
  return text.trimEnd().split("\n").slice(-20).join("\n");
}
