/** What a login has, and what libvirt's and the guard's folders of a user depend on. */
const loginVariables = [
  ...["HOME", "USER", "LOGNAME", "SHELL", "PATH", "TZ"],
  ...["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"],
];

/**
 * The environment that a login through sshd would have: what only concerns this program, such as `VIRTFOLD_PING_URL`,
 * is nothing to what runs on a host, even when the host is this machine. Pure.
 */
export function loginEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = loginVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}
