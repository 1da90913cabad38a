import { rename, writeFile } from "node:fs/promises";
import { exists } from "./exists.ts";
import type { LabPlace } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";

/** Makes the key with which this machine enters the hosts, once. */
export async function makeIdentity(place: LabPlace): Promise<void> {
  if (await exists(`${place.identityFile}.pub`)) return;
  await runChecked(["rm", "-f", place.identityFile]);
  await runChecked([
    "ssh-keygen",
    "-q",
    "-t",
    "ed25519",
    "-N",
    "",
    "-C",
    `lab ${place.id}`,
    "-f",
    place.identityFile,
  ]);
}

/** A host as `ssh` shall find it. */
export interface SshEntry {
  readonly name: string;
  readonly address: string;
  readonly knownHosts: string;
  readonly login: string;
  /** The host through which it is reached, when it is not reached directly. */
  readonly through: string | undefined;
}

/** Writes `ssh_config` and `known_hosts`. With them `ssh -F ssh_config NAME` needs no other option and nothing of the user's. */
export async function writeSshFiles(place: LabPlace, hosts: readonly SshEntry[]): Promise<void> {
  const entries = hosts.map(
    (host) => `Host ${host.name}
  HostName ${host.address}
  Port 22
  User ${host.login}
${host.through === undefined ? "" : `  ProxyJump ${host.through}\n`}  IdentityFile ${place.identityFile}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${place.knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
`,
  );
  await replace(place.sshConfig, entries.join("\n"));
  await replace(place.knownHosts, hosts.map((host) => host.knownHosts).join(""));
}

async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
