// An SSH server in this process, for what no real one does on demand: strange login shells, broken links.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import ssh2 from "ssh2";
import type { Connection, ServerChannel } from "ssh2";
import { makeSshFolder, publicKeyOf } from "../ssh/ssh-folder.ts";
import type { SshFolder } from "../ssh/ssh-folder.ts";

export interface SshServerOptions {
  /** What runs a command line; by default /bin/sh, as a login shell does. */
  readonly loginShell?: (commandLine: string) => readonly [string, ...string[]];
  /** A folder that several servers share, which stays when this one closes, and this one's name in it. */
  readonly shared?: { readonly folder: SshFolder; readonly alias: string };
  readonly environment?: Readonly<Record<string, string>>;
  /** How many sessions a connection may have open. */
  readonly maxSessions?: number;
  /** Sees each channel before the shell does; true when it has dealt with it. */
  readonly onExec?: (channel: ServerChannel, server: SshServer) => boolean;
}

export interface SshServer {
  readonly port: number;
  readonly folder: SshFolder;
  /** Every command line a client asked for. */
  readonly commandLines: string[];
  /** Cuts all connections as a rebooting machine does, without a word of SSH. */
  resetLinks: () => void;
  /** Leaves all connections open but says and hears nothing any more. */
  freezeLinks(): void;
  close(): Promise<void>;
}

/** Starts the server on 127.0.0.1, reachable as `inside` by its folder's ssh_config. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const folder = options.shared?.folder ?? makeSshFolder();
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  const commandLines: string[] = [];
  const server = new ssh2.Server({ hostKeys: [readFileSync(folder.hostKey)] }, (connection) => {
    const { _sock: socket } = connection as unknown as { _sock: Socket };
    // Else each answer would wait for the client's delayed acknowledgements, which no test is about.
    socket.setNoDelay(true);
    sockets.add(socket);
    connection.on("error", () => undefined);
    acceptKey(connection, publicKeyOf(folder.userKey));
    serveSessions(connection, { options, commandLines, children, self: () => self });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  folder.addHost(options.shared?.alias ?? "inside", port);
  const self: SshServer = {
    ...{ port, folder, commandLines },
    resetLinks: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    freezeLinks: () => sockets.forEach((socket) => socket.removeAllListeners("data").pause()),
    async close() {
      children.forEach(endChild);
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.close(() => resolve()));
      if (options.shared === undefined) folder.remove();
    },
  };
  return self;
}

/** Runs something against a server of its own. */
export async function withServer(
  options: SshServerOptions,
  work: (server: SshServer) => Promise<void>,
): Promise<void> {
  const server = await startSshServer(options);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** Also closes the pipes, which a grandchild may hold. */
function endChild(child: ChildProcess): void {
  child.kill("SIGKILL");
  for (const stream of child.stdio) stream?.destroy();
}

function acceptKey(connection: Connection, allowed: string): void {
  connection.on("authentication", (context) => {
    const isAllowed =
      context.method === "publickey" &&
      `${context.key.algo} ${context.key.data.toString("base64")}` === allowed;
    if (isAllowed) context.accept();
    else context.reject(["publickey"]);
  });
}

interface Service {
  readonly options: SshServerOptions;
  readonly commandLines: string[];
  readonly children: Set<ChildProcess>;
  readonly self: () => SshServer;
}

function serveSessions(connection: Connection, service: Service): void {
  let sessions = 0;
  connection.on("session", (accept, reject) => {
    if (sessions >= (service.options.maxSessions ?? 10)) {
      reject();
      return;
    }
    sessions += 1;
    const session = accept();
    session.on("close", () => (sessions -= 1));
    session.on("exec", (acceptExec, _rejectExec, { command }) => {
      service.commandLines.push(command);
      const channel = acceptExec();
      if (service.options.onExec?.(channel, service.self()) !== true) runShell(channel, command, service);
    });
  });
}

function runShell(channel: ServerChannel, commandLine: string, { options, children }: Service): void {
  const [program, ...args] = options.loginShell?.(commandLine) ?? ["/bin/sh", "-c", commandLine];
  const child = spawn(program, args, { env: { ...process.env, ...options.environment } });
  children.add(child);
  child.stdin.on("error", () => undefined);
  channel.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.on("data", (chunk: Buffer) => channel.write(chunk));
  child.stderr.on("data", (chunk: Buffer) => channel.stderr.write(chunk));
  child.on("close", (code, signal) => {
    children.delete(child);
    if (code === null) channel.exit(signal?.replace(/^SIG/, "") ?? "TERM");
    else channel.exit(code);
    channel.end();
  });
}
