import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runLocal } from "../../lib/shell/run-local.ts";
import { attachBlockDevices } from "./block-devices.ts";
import { enterHost } from "./enter-host.ts";
import { initOf, killAll, processesMountedFrom, processesOf } from "./host-processes.ts";
import type { HostPlace, LabPlace } from "./lab-place.ts";
import { plugIn } from "./lab-network.ts";
import { waitUntil } from "./wait-until.ts";

const bootScript = join(dirname(fileURLToPath(import.meta.url)), "host", "boot.sh");

/** Boots a host and waits until its libvirt and its sshd answer. Returns its PID 1. Harmless when it runs. */
export async function startHost(
  lab: LabPlace,
  host: HostPlace,
  options: { lower: string; address: string },
): Promise<number> {
  const running = await initOf(host);
  if (running !== undefined && (await answersSoon(host, running, options.address))) return running;
  await clearHost(host);
  await plugIn(lab, host, options.address);
  await attachBlockDevices(host);
  await launch(lab, host, options.lower);
  const explain = (): Promise<string> => tailOf(host.bootLog);
  return waitUntil(`host "${host.name}" is ready`, { limitSeconds: 120, explain }, async () => {
    const init = await initOf(host);
    return init !== undefined && (await answers(init, options.address)) ? init : undefined;
  });
}

/** A host whose cable a test has pulled is plugged in again before it is judged. */
async function answersSoon(host: HostPlace, init: number, address: string): Promise<boolean> {
  await runLocal(["ip", "link", "set", host.cable, "up"], { deadlineSeconds: 20 });
  return (await answers(init, address)) || (await answers(init, address));
}

/** Kills what is left of a host, however it was made. */
export async function clearHost(host: HostPlace): Promise<void> {
  await killAll(async () => [
    ...(await processesOf(host.namespace)),
    ...(await processesMountedFrom(host.directory)),
  ]);
}

async function launch(lab: LabPlace, host: HostPlace, lower: string): Promise<void> {
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

async function answers(init: number, address: string): Promise<boolean> {
  const [libvirt, greeting] = await Promise.all([
    runLocal(enterHost(init, ["virsh", "--connect", "qemu:///system", "list"]), { deadlineSeconds: 20 }),
    greetingOf(address),
  ]);
  return libvirt.code === 0 && greeting.startsWith("SSH-2.0");
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
