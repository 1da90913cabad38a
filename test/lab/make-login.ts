import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { LabHost } from "./lab-host.ts";
import { LabRefusal } from "./lab-refusal.ts";

/** The page that says what a login which is not root needs. */
const manual = fileURLToPath(new URL("../../docs/sudo.md", import.meta.url));

/** Where the rules lie on a host. */
export const sudoRulesFile = "/etc/sudoers.d/virtfold";

/** Makes a login that the laboratory's key opens and that has the manual's sudo rules, and nothing else. Harmless twice. */
export async function makeLogin(host: LabHost, name: string): Promise<void> {
  const { stdout } = await host.run(["sh", "-c", 'getent passwd "$1" || getent group "$1"', "sh", name]);
  if (stdout === "") await addHostUser(host, name);
  else if (Number(stdout.split(":")[2]) < 1000)
    throw new LabRefusal(
      `Cannot make a login "${name}": Debian has a user or a group of that name. Take another`,
    );
  await allowSudo(host, name);
}

/** Makes a user who is let in with the laboratory's key. */
export async function addHostUser(host: LabHost, user: string): Promise<void> {
  await host.check(["sh", "-c", makeUser, "sh", user]);
}

/** Without PAM, sshd lets nobody in whose password is locked with "!". */
const makeUser = `
set -e
useradd --create-home --password '*' --shell /bin/sh "$1"
home=/home/$1
mkdir -m 700 "$home/.ssh"
cp /root/.ssh/authorized_keys "$home/.ssh/"
chown -R "$1" "$home/.ssh"`;

/** Puts the manual's own rules in place, for this user; with what it says that restores need if that is asked for. */
export async function allowSudo(
  host: LabHost,
  user: string,
  { restores = false }: { readonly restores?: boolean } = {},
): Promise<void> {
  const text = await readFile(manual, "utf8");
  const backups = /```sudoers\n([\s\S]*?)```/.exec(text)?.[1];
  const more = /`(backup ALL=\(root\) NOPASSWD: \/usr\/bin\/rsync --server \*)`/.exec(text)?.[1];
  if (backups === undefined || more === undefined) throw new Error(`Cannot find rules for sudo in ${manual}`);
  const rules = restores ? `${backups}${more}\n` : backups;
  const write = `mkdir -p /etc/sudoers.d; umask 227; cat >"$1.new"; visudo -cf "$1.new"; mv "$1.new" "$1"`;
  await host.check(["sh", "-ec", write, "sh", sudoRulesFile], {
    input: rules.replaceAll(/\bbackup\b/g, user),
  });
}
