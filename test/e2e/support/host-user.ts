// A user of a host besides root, who is let in with the laboratory's key.

import type { LabHost } from "../../lab/lab-host.ts";

/** Makes the user, does the work, and removes the user with all that is theirs. */
export async function withHostUser<T>(host: LabHost, user: string, work: () => Promise<T>): Promise<T> {
  await host.check(["sh", "-c", makeUser, "sh", user]);
  try {
    return await work();
  } finally {
    await host.check(["userdel", "--remove", "--force", user]);
  }
}

/** Without PAM, sshd lets nobody in whose password is locked with "!". */
const makeUser = `
set -e
useradd --create-home --password '*' --shell /bin/sh "$1"
home=/home/$1
mkdir -m 700 "$home/.ssh"
cp /root/.ssh/authorized_keys "$home/.ssh/"
chown -R "$1" "$home/.ssh"`;
