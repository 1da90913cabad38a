// One SSH connection to one host. The only user of node-ssh; everything that must be done around it is done here.

import { NodeSSH } from "node-ssh";
import type { HostShell } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import type { Host } from "../model/host.ts";
import type { Channel } from "../shell/exchange.ts";
import { hostCommandLine } from "../shell/host-script.ts";
import { hostShell, usualLimits } from "../shell/host-shell.ts";
import { interruption } from "../shell/interruption.ts";
import { askClientConfig, sshSelection } from "./ask-client-config.ts";
import type { ClientConfigAnswer, ConfigSources } from "./ask-client-config.ts";
import { findCertificates } from "./certificates.ts";
import { chosenAlgorithms } from "./chosen-algorithms.ts";
import type { ClientConfig } from "./client-config.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { connectSettings } from "./connect-settings.ts";
import type { ConnectSettings } from "./connect-settings.ts";
import { hostKeyPolicy } from "./host-keys.ts";
import type { HostKeyPolicy } from "./host-keys.ts";
import { gatherIdentities } from "./identities.ts";
import { jumpCommand } from "./jump-command.ts";
import { openJumpStream } from "./jump-stream.ts";
import type { JumpStream } from "./jump-stream.ts";
import { addKnownHost, findKnownHosts, knownHostName } from "./known-hosts.ts";
import { isFatal, loginFailure } from "./login-failure.ts";
import type { LinkError } from "./login-failure.ts";

/** A logged-in connection. */
export interface Connection extends HostShell {
  /** True once the link broke or was closed; it does not come back. */
  readonly isLost: boolean;
  close(): Promise<void>;
}

export interface ConnectionOptions extends ConfigSources {
  /** Ends the attempt to connect. A command that runs is not cut: it is short and bounded on the host. */
  readonly signal: AbortSignal;
  /** How many commands run at once; sshd usually allows 10. */
  readonly maxChannels?: number;
}

type Client = NonNullable<NodeSSH["connection"]>;

const closingMilliseconds = 1000;

/**
 * Connects to a host the way `ssh` would, with the same configuration, hops, keys and known hosts.
 * @throws BackupError `host-unreachable`, `host-unknown-key`, `host-key-*`, `login-refused`, `ssh-configuration`,
 * `tool-missing`, `interrupted`.
 */
export async function openConnection(host: Host, options: ConnectionOptions): Promise<Connection> {
  if (options.signal.aborted) throw interruption(options.signal);
  const answer = await askClientConfig(host, options);
  try {
    return await connect(host, answer, options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new BackupError(
      { kind: "ssh-configuration", host: host.name, detail: error.message },
      { cause: error },
    );
  }
}

async function connect(
  host: Host,
  { config, account }: ClientConfigAnswer,
  options: ConnectionOptions,
): Promise<Connection> {
  const algorithms = chosenAlgorithms(config, account);
  const [entries, identities] = await Promise.all([findKnownHosts(config), gatherIdentities(config)]);
  const policy = hostKeyPolicy(entries, config);
  if (policy.algorithms?.length === 0) {
    throw new ConfigurationError("known_hosts names only keys of types that cannot be checked here");
  }
  const { configFile, environment, signal } = options;
  const command = jumpCommand(config, { configFile, shell: environment["SHELL"] ?? "/bin/sh" });
  const jump = command === undefined ? undefined : openJumpStream(command, environment);
  const { methods } = identities;
  const settings = connectSettings(config, { policy, stream: jump?.stream, methods, algorithms });
  const link = newLink();
  try {
    const client = await logIn(link, settings, signal);
    await keepNewKey(config, policy);
    return openedConnection({ host, link, client, jump }, options);
  } catch (error) {
    link.client?.destroy();
    jump?.stream.destroy();
    if (signal.aborted) throw interruption(signal);
    if (!(error instanceof LoginError)) throw error;
    const context = {
      host,
      files: config.userKnownHostsFiles,
      knownName: knownHostName(config),
      selection: sshSelection(host, configFile),
    };
    const hopMessages = (await jump?.hopMessages()) ?? "";
    const certificates = link.hasHandshake ? await findCertificates(config) : [];
    const { tried } = identities;
    const failed = { ...link, policy, context, user: config.user, tried, certificates, hopMessages };
    throw new BackupError(loginFailure(failed), { cause: link.errors.at(-1) });
  }
}

/** A link from the first attempt to its end, and what happened to it. */
interface Link {
  readonly ssh: NodeSSH;
  readonly errors: LinkError[];
  client: Client | undefined;
  hasHandshake: boolean;
  lostDetail: string | undefined;
}

function newLink(): Link {
  return { ssh: new NodeSSH(), errors: [], client: undefined, hasHandshake: false, lostDetail: undefined };
}

class LoginError extends Error {}

/**
 * Logs in. node-ssh's own promise is not enough: it gives up at the first error, also when ssh2 goes on with the
 * next key; and it stops listening to errors once connected, so that a broken link would end the process.
 */
async function logIn(link: Link, settings: ConnectSettings, signal: AbortSignal): Promise<Client> {
  const connecting = link.ssh.connect(settings);
  const client = link.ssh.connection;
  if (client === null) {
    await connecting;
    throw new Error("node-ssh made no client");
  }
  link.client = client;
  // Now, while the socket is being opened: without it each command waits for the peer's delayed acknowledgement.
  client.setNoDelay(true);
  client.setMaxListeners(0);
  watchForLoss(link, client);
  let stopWaiting = (): void => undefined;
  const ready = new Promise<Client>((resolve, reject) => {
    const fail = (): void => reject(new LoginError("Not logged in"));
    client.on("error", (error: LinkError) => {
      if (isFatal(error)) fail();
    });
    client.once("close", fail);
    client.once("ready", () => resolve(client));
    signal.addEventListener("abort", fail);
    // It may have come while the configuration was being asked for.
    if (signal.aborted) fail();
    stopWaiting = () => signal.removeEventListener("abort", fail);
    connecting.catch((error: unknown) => {
      const refused = error instanceof Error ? error : new Error(String(error));
      if (!link.errors.includes(refused)) link.errors.push(refused);
      if (isFatal(refused)) fail();
    });
  });
  return await ready.finally(() => stopWaiting());
}

/** These listeners stay for the life of the link: an error that nobody listens to ends the whole process. */
function watchForLoss(link: Link, client: Client): void {
  client.on("error", (error: LinkError) => {
    link.errors.push(error);
    if (isFatal(error)) link.lostDetail ??= error.message;
  });
  client.on("handshake", () => (link.hasHandshake = true));
  const onEnd = (): void => {
    link.lostDetail ??= "the host closed the connection";
  };
  client.once("end", onEnd);
  client.once("close", onEnd);
}

async function keepNewKey(config: ClientConfig, policy: HostKeyPolicy): Promise<void> {
  const verdict = policy.verdict();
  if (verdict.kind !== "new") return;
  // Like ssh, go on when it cannot be written down: the operator has chosen to accept new keys.
  await addKnownHost(config, verdict).catch(() => undefined);
}

interface Opened {
  readonly host: Host;
  readonly link: Link;
  readonly client: Client;
  readonly jump: JumpStream | undefined;
}

function openedConnection({ host, link, client, jump }: Opened, options: ConnectionOptions): Connection {
  const openChannel = async (): Promise<Channel | undefined> => {
    const loss = lossOf(link);
    if (loss !== undefined) throw connectionLost(host, loss);
    const answer = await requestChannel(client, hostCommandLine(host));
    if (!(answer instanceof Error)) return answer;
    if (isRefusal(answer)) return undefined;
    throw connectionLost(host, lossOf(link) ?? answer.message, answer);
  };
  const maxChannels = options.maxChannels ?? usualLimits.maxChannels;
  return {
    ...hostShell({ host: host.name, openChannel }, { ...usualLimits, maxChannels }),
    get isLost() {
      return link.lostDetail !== undefined;
    },
    async close() {
      link.lostDetail ??= "it was closed";
      await endGently(client, link.ssh);
      jump?.stream.destroy();
    },
  };
}

function lossOf(link: Link): string | undefined {
  return link.lostDetail;
}

async function endGently(client: Client, ssh: NodeSSH): Promise<void> {
  if (ssh.isConnected()) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closingMilliseconds);
      client.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      ssh.dispose();
    });
  }
  client.destroy();
}

/** ssh2's error for a refused channel carries the number of the host's reason; else the link is gone. */
function isRefusal(error: Error & { reason?: unknown }): boolean {
  return typeof error.reason === "number";
}

async function requestChannel(client: Client, commandLine: string): Promise<Channel | Error> {
  return await new Promise((resolve) => {
    try {
      client.exec(commandLine, (error, channel) => resolve(error instanceof Error ? error : channel));
    } catch (error) {
      resolve(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function connectionLost(host: Host, detail: string, cause?: Error): BackupError {
  return new BackupError({ kind: "connection-lost", host: host.name, detail }, { cause });
}
