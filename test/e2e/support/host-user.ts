// A user of a host besides root, who is let in with the laboratory's key.

import type { LabHost } from "../../lab/lab-host.ts";

/** Makes the user, does the work, and removes the user with all that is theirs. */
export async function withHostUser<T>(host: LabHost, user: string, work: () => Promise<T>): Promise<T> {
  await addHostUser(host, user);
  try {
    return await work();
  } finally {
    await removeHostUser(host, user);
  }
}

/** Makes the user, who is let in with the laboratory's key. */
export async function addHostUser(host: LabHost, user: string): Promise<void> {
  await host.check(["sh", "-c", makeUser, "sh", user]);
}

/** Ends what the user runs and removes the user with all that is theirs. */
export async function removeHostUser(host: LabHost, user: string): Promise<void> {
  await host.check(["sh", "-c", endUser, "sh", user]);
}

/** Without PAM, sshd lets nobody in whose password is locked with "!". */
const makeUser = `
set -e
useradd --create-home --password '*' --shell /bin/sh "$1"
home=/home/$1
mkdir -m 700 "$home/.ssh"
cp /root/.ssh/authorized_keys "$home/.ssh/"
chown -R "$1" "$home/.ssh"`;

const endUser = `
id "$1" >/dev/null 2>&1 || exit 0
until ! pkill -KILL -u "$1"; do sleep 0.1; done
userdel --remove --force "$1"`;
