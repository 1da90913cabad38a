/**
 * Signals a process that was started as the leader of a group, and all of that group. Harmless when they are gone.
 * @returns false when all that is left of them runs as another user, whom we cannot signal: what sudo has started.
 */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): boolean {
  if (leader === undefined) return true;
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return true;
    if (code === "EPERM") return false;
    throw error;
  }
}
