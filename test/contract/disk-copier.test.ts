// The contract of DiskCopier: over OpenSSH's own server, and on this machine, with sudo too.

import { spawnSync } from "node:child_process";
import { openTransfer } from "../../lib/transfer/open-transfer.ts";
import { findProgram } from "../ssh/find-program.ts";
import { sshdPath, startSshd } from "../ssh/real-sshd.ts";
import { diskCopierContract } from "./disk-copier-contract.ts";
import type { TransferOpener } from "./disk-copier-contract.ts";

const needsRsync = findProgram("rsync") === undefined ? "rsync is missing" : false;

diskCopierContract(
  "over ssh",
  async () => {
    const server = await startSshd();
    return {
      open: (version) =>
        openTransfer(
          { name: "real", destination: "real", uri: "" },
          { configFile: server.folder.configFile, environment: process.env, ...bothEnds(version) },
        ),
      close: () => server.close(),
    };
  },
  sshdPath === undefined ? "sshd is missing" : needsRsync,
);

for (const sudo of [false, true]) {
  const canBecomeRoot = !sudo || spawnSync("sudo", ["-n", "sh", "-s"], { input: "true" }).status === 0;
  diskCopierContract(
    sudo ? "this machine, read as root" : "this machine",
    async (): Promise<TransferOpener> => ({
      open: (version) =>
        openTransfer(
          { name: "here", destination: "here", uri: "", connection: "local", sudo },
          { environment: { PATH: process.env["PATH"] }, ...bothEnds(version) },
        ),
      close: async () => undefined,
    }),
    canBecomeRoot ? needsRsync : "sudo asks for a password",
  );
}

function bothEnds(version: string | undefined): {
  readonly localRsyncVersion: string | undefined;
  readonly remoteRsyncVersion: string | undefined;
} {
  return { localRsyncVersion: version, remoteRsyncVersion: version };
}
