// The same host, three ways: by `ssh` itself, by the connection that runs commands, by the transfer that brings disks.

import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BackupError } from "../../lib/model/failure.ts";
import { openTransfer } from "../../lib/transfer/open-transfer.ts";
import { describeFailure } from "../../lib/report/describe-failure.ts";
import { connectTo } from "./connect-for-test.ts";
import type { SshFolder } from "./ssh-folder.ts";

/** What came of each way: "reached", or why not. */
export interface ThreeWays {
  /** What `ssh ALIAS true` came to: "reached" or the last line it complained with. */
  readonly ssh: string;
  /** "reached" or the sentence that a person gets. */
  readonly commands: string;
  readonly disks: string;
}

/** Goes all three ways. */
export async function goThreeWays(folder: SshFolder, alias: string): Promise<ThreeWays> {
  const [ssh, commands, disks] = await Promise.all([
    askSsh(folder, alias),
    runCommand(folder, alias),
    copyFile(folder, alias),
  ]);
  return { ssh, commands, disks };
}

/** Asks `ssh` itself. */
export async function askSsh(folder: SshFolder, alias: string): Promise<string> {
  const args = ["-F", folder.configFile, "-o", "BatchMode=yes", alias, "true"];
  return await new Promise((resolve) =>
    execFile("ssh", args, { env: process.env }, (error, _stdout, stderr) =>
      resolve(error === null ? "reached" : (stderr.trim().split(/\r?\n/).at(-1) ?? "")),
    ),
  );
}

/** Runs a command over the connection for commands. */
export async function runCommand(folder: SshFolder, alias: string): Promise<string> {
  return await endOf(async () => {
    const connection = await connectTo(folder, alias);
    try {
      const { stdout } = await connection.run(["echo", "here"]);
      if (stdout !== "here\n") throw new Error(`It answered ${stdout}`);
    } finally {
      await connection.close();
    }
  });
}

/** Copies a file with rsync over OpenSSH. */
export async function copyFile(folder: SshFolder, alias: string): Promise<string> {
  const [path, destination] = [join(folder.path, `image of ${alias}`), join(folder.path, `copy of ${alias}`)];
  writeFileSync(path, alias);
  return await endOf(async () => {
    const transfer = await openTransfer(
      { name: alias, destination: alias, uri: "" },
      {
        configFile: folder.configFile,
        environment: process.env,
        localRsyncVersion: "rsync  version 3.1.3",
        remoteRsyncVersion: "rsync  version 3.1.3",
        pauses: [],
      },
    );
    const { signal } = new AbortController();
    try {
      await transfer.copierFor("web").copyFile(path, destination, { signal });
    } finally {
      await transfer.close();
    }
    if (readFileSync(destination, "utf8") !== alias) throw new Error("The copy differs");
  });
}

async function endOf(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return "reached";
  } catch (error) {
    if (error instanceof BackupError) return describeFailure(error.reason);
    throw error;
  }
}
