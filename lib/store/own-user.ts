// Whose program this is, for people who read it in a note or a lock.

import { userInfo } from "node:os";

/** The name of the user, or the number where the system knows no name for it, as in many a container. */
export function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
