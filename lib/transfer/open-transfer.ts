// The data plane of one host: rsync and OpenSSH, as programs of their own. Owns the connection they share.

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { CopyResult, DiskCopier } from "../backup/ports.ts";
import type { PlannedCommand, LayerPlan } from "../model/plan.ts";
import type { Host } from "../model/host.ts";
import { loginEnvironment } from "../shell/login-environment.ts";
import { runLocal } from "../shell/run-local.ts";
import { askClientConfig } from "../ssh/ask-client-config.ts";
import type { ConfigSources } from "../ssh/ask-client-config.ts";
import { copyPersistently, usualPauses } from "./copy-persistently.ts";
import { copyMethod, pullCommand, streamCommand } from "./copy-command.ts";
import type { CopySubject } from "./copy-subject.ts";
import { localFarEnd, sshFarEnd } from "./far-end.ts";
import type { FarEnd } from "./far-end.ts";
import type { ImagePusher } from "../restore/ports.ts";
import { pushToDevice } from "./device-pusher.ts";
import { pushWithRsync } from "./rsync-pusher.ts";
import { copyWithRsync } from "./rsync-copier.ts";
import type { CopyOptions } from "./rsync-copier.ts";
import { isRsyncAtLeast } from "./rsync-version.ts";
import { preferFastCiphers, sshCommand } from "./ssh-command.ts";
import { copyAsStream } from "./stream-copier.ts";
import type { TransferLink } from "./transfer-link.ts";

/** All transfers from one host. */
export interface Transfer {
  /** A copier whose failures name this VM. Each of its copies keeps to the rate, which is 0 for no limit. */
  copierFor(vm: string, bytesPerSecond?: number): DiskCopier;
  /** Brings files to the host, or onto devices of it, each at that rate. */
  pusher(bytesPerSecond?: number): ImagePusher;
  /** The command that would bring this image or file to a place here, at that rate; runs nothing. */
  planCopy(
    image: Pick<LayerPlan, "path" | "source">,
    place: { readonly destination: string; readonly bytesPerSecond: number },
  ): PlannedCommand;
  /** Ends the shared connection. To be called when no copy runs. */
  close(): Promise<void>;
}

export interface TransferOptions extends ConfigSources {
  /** What `rsync --version` prints here and on the host; undefined where there is none. */
  readonly localRsyncVersion: string | undefined;
  readonly remoteRsyncVersion: string | undefined;
  /** As in `TransferLink`; about half a minute when not given. */
  readonly pauses?: readonly number[];
}

/** Paths of unix sockets must be short, and ssh appends to them while it binds. */
const longestSocketFolder = 60;
const closingSeconds = 10;

/**
 * Gets ready to copy from a host, or from this machine. Connects only when the first copy starts.
 * @throws BackupError `ssh-configuration`, `tool-missing`.
 */
export async function openTransfer(host: Host, options: TransferOptions): Promise<Transfer> {
  if (host.connection === "local") {
    const environment = loginEnvironment(options.environment);
    return transferOver(linkOver(localFarEnd(host), host, { ...options, environment }));
  }
  const { configFile } = options;
  const { config, account } = await askClientConfig(host, options);
  const folder = await makePrivateFolder();
  const { connectTimeoutSeconds, acceptsNewHostKeys } = config;
  const ssh = sshCommand(host, {
    ...{ configFile, connectTimeoutSeconds, acceptsNewHostKeys },
    controlPath: join(folder, "ssh"),
    ciphers: preferFastCiphers(config.ciphers, account.ciphers),
  });
  return {
    ...transferOver(linkOver(sshFarEnd(host, ssh), host, options)),
    async close() {
      await runLocal([...ssh, "-O", "exit", "--", host.destination], { deadlineSeconds: closingSeconds });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function linkOver(farEnd: FarEnd, host: Host, options: TransferOptions): TransferLink {
  const versions = [options.localRsyncVersion, options.remoteRsyncVersion];
  return {
    ...{ host, farEnd, environment: options.environment, pauses: options.pauses ?? usualPauses },
    bytesPerSecond: 0,
    hasRsync: versions.every((version) => version !== undefined),
    canFillSparsely: versions.every((version) => isRsyncAtLeast(version, [3, 1, 3])),
    canBoundMemory: versions.every((version) => isRsyncAtLeast(version, [3, 2, 0])),
  };
}

/** A transfer that shares nothing, and so has nothing to close. */
function transferOver(link: TransferLink): Transfer {
  return {
    copierFor: (vm, bytesPerSecond = 0) => copierFor(vm, { ...link, bytesPerSecond }),
    pusher: (bytesPerSecond = 0) => pusherOver({ ...link, bytesPerSecond }),
    planCopy: ({ path, source }, { destination, bytesPerSecond }) =>
      copyMethod(path, source, link) === "rsync-direct"
        ? { where: "here", command: pullCommand({ path, destination }, { ...link, bytesPerSecond }) }
        : {
            ...{ where: "here", command: streamCommand(link) },
            streams: { from: path, to: destination, bytesPerSecond },
          },
    close: async () => undefined,
  };
}

function pusherOver(link: TransferLink): ImagePusher {
  const { pauses } = link;
  return {
    pushFile: async (file, options) =>
      await copyPersistently((attempt) => pushWithRsync(file, link, attempt), { ...options, pauses }),
    pushToDevice: (push, options) => pushToDevice(push, link, options),
  };
}

function copierFor(vm: string, link: TransferLink): DiskCopier {
  const copy = async (
    subject: CopySubject,
    kind: "file" | "block",
    options: CopyOptions,
  ): Promise<CopyResult> => {
    const startedAt = performance.now();
    const method = copyMethod(subject.path, kind, link);
    let sentBytes = 0;
    const counted = { ...options, onSent: (bytes: number): void => void (sentBytes += bytes) };
    if (method === "stream-direct") await copyAsStream(subject, link, counted);
    else {
      const { pauses } = link;
      await copyPersistently((attempt) => copyWithRsync(subject, link, attempt), { ...counted, pauses });
    }
    return { method, sentBytes, seconds: (performance.now() - startedAt) / 1000 };
  };
  return {
    async copyImage(layer, destination, { signal, onProgress, onBreak }) {
      const totalBytes = layer.fileBytes;
      const onBytes = (bytes: number): void => onProgress?.({ bytes, totalBytes });
      const subject = { ...subjectOf(vm, layer.path, destination), host: link.host, bytes: totalBytes };
      return await copy(subject, layer.source, { signal, onBytes, onBreak });
    },
    async copyFile(path, destination, { signal }) {
      const subject = { ...subjectOf(vm, path, destination), host: link.host, bytes: undefined };
      await copy(subject, "file", { signal });
    },
  };
}

/** Files in a backup are named after the disk's target: `vda.qcow2`, `vda.backing1.raw`. */
function subjectOf(vm: string, path: string, destination: string): Omit<CopySubject, "host" | "bytes"> {
  return { vm, target: basename(destination).replace(/\..*$/, ""), path, destination };
}

async function makePrivateFolder(): Promise<string> {
  const folder = tmpdir().length > longestSocketFolder ? "/tmp" : tmpdir();
  const made = await mkdtemp(join(folder, "virtfold-"));
  await chmod(made, 0o700);
  return made;
}
