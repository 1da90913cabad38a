// A user of a host besides root, who is let in with the laboratory's key.

import type { LabHost } from "../../lab/lab-host.ts";
import { addHostUser } from "../../lab/make-login.ts";

/** Makes the user, does the work, and removes the user with all that is theirs. */
export async function withHostUser<T>(host: LabHost, user: string, work: () => Promise<T>): Promise<T> {
  await addHostUser(host, user);
  try {
    return await work();
  } finally {
    await removeHostUser(host, user);
  }
}

/** Ends what the user runs and removes the user with all that is theirs. */
export async function removeHostUser(host: LabHost, user: string): Promise<void> {
  await host.check(["sh", "-c", endUser, "sh", user]);
}

const endUser = `
id "$1" >/dev/null 2>&1 || exit 0
until ! pkill -KILL -u "$1"; do sleep 0.1; done
userdel --remove --force "$1"`;
