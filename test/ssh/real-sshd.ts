// OpenSSH's own server, unprivileged by nothing but its port and folder; ended by its process id.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, makeSshFolder, publicKeyOf } from "./ssh-folder.ts";
import type { SshFolder } from "./ssh-folder.ts";

export interface RealSshd {
  readonly port: number;
  readonly folder: SshFolder;
  /** The home directory its logins see, so that nobody's real rc files are run. */
  readonly home: string;
  /** Ends every connection, as a host does that goes away. */
  cutConnections(): void;
  /** Has every connection open answer nothing any more, and closes none, as a host does that hangs. */
  stopConnections(): void;
  close(): Promise<void>;
}

const programs = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/lib/ssh/sshd", "/usr/libexec/sshd"];

/** Where sshd is on this machine, if anywhere. */
export const sshdPath = programs.find((path) => existsSync(path));

/**
 * Starts sshd on 127.0.0.1, reachable as `real` by the folder's ssh_config. Settings may name files of the folder; the
 * environment is that of its logins.
 */
export async function startSshd(
  settings: readonly string[] | ((folder: SshFolder) => readonly string[]) = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<RealSshd> {
  if (sshdPath === undefined) throw new Error("sshd is missing");
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const folder = makeSshFolder();
  const [port, home, config] = [
    await freePort(),
    join(folder.path, "home"),
    join(folder.path, "sshd_config"),
  ];
  mkdirSync(home);
  writeFileSync(join(folder.path, "authorized_keys"), `${publicKeyOf(folder.userKey)}\n`);
  const own = typeof settings === "function" ? settings(folder) : settings;
  const variables = Object.entries({ HOME: home, ...environment }).map(([name, text]) => `${name}="${text}"`);
  const lines = [...configLines({ folder, port }), `SetEnv ${variables.join(" ")}`, ...own, ""];
  writeFileSync(config, lines.join("\n"));
  const child = spawn(sshdPath, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Server listening")) resolve();
    });
    child.once("exit", () => reject(new Error(`sshd ended: ${said}`)));
  });
  folder.addHost("real", port);
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const id of descendantsOf(child.pid!)) unlessGone(() => process.kill(id, signal), true);
  };
  const [cutConnections, stopConnections] = [() => signalAll("SIGKILL"), () => signalAll("SIGSTOP")];
  const close = async (): Promise<void> => {
    // Its sessions would outlive it, as long as a client keeps one open for later.
    cutConnections();
    child.kill("SIGTERM");
    await exited;
    folder.remove();
  };
  return { port, folder, home, cutConnections, stopConnections, close };
}

function configLines({ folder, port }: Pick<RealSshd, "port" | "folder">): readonly string[] {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey "${folder.hostKey}"`,
    `AuthorizedKeysFile "${folder.path}/authorized_keys"`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PrintMotd no",
  ];
}

/** The processes that a process has started, and those that they have, the youngest first. */
function descendantsOf(id: number): readonly number[] {
  const children = unlessGone(() => readFileSync(`/proc/${id}/task/${id}/children`, "utf8"), "")
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [...descendantsOf(child), child]);
}

/** What is asked of a process that may end by itself at any moment, as a session does whose client has left. */
function unlessGone<Answer>(ask: () => Answer, gone: Answer): Answer {
  try {
    return ask();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH" || code === "ENOENT") return gone;
    throw error;
  }
}
