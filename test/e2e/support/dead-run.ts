// What dies in the middle of a backup: the controller, the guard, both; and what lies on the host then.

import assert from "node:assert/strict";
import type { LabHost } from "../../lab/lab-host.ts";
import { waitUntil } from "../../lab/wait-until.ts";
import type { BackupCase } from "./backup-case.ts";
import { withSlowLink } from "./slow-link.ts";
import { startBackup } from "./virtfold-process.ts";

/** Short, so that tests are quick. */
export const leaseSeconds = 6;

/** The arguments of a backup whose host does not wait long. */
export function impatiently(given: BackupCase, vm: string, seconds = leaseSeconds): readonly string[] {
  return [...given.argumentsFor(vm), "--lease", `${seconds}`];
}

/** Kills the controller of a backup once its log has this line; the host is left to itself. */
export async function killController(
  given: BackupCase,
  vm: string,
  {
    line = /: vda: .* → /,
    seconds = leaseSeconds,
  }: { readonly line?: RegExp; readonly seconds?: number } = {},
): Promise<void> {
  await withSlowLink(given.host, 20, async () => {
    const run = startBackup(impatiently(given, vm, seconds));
    await run.logged(line);
    run.signal("SIGKILL");
    assert.equal((await run.end).code, null);
  });
}

/** Kills the controller in the middle of a copy, and then the guard's watcher: nobody is left to restore the host. */
export async function killBoth(given: BackupCase, vm: string, seconds = leaseSeconds): Promise<void> {
  await killController(given, vm, { seconds });
  await killWatchers(given.host);
  assert.notEqual(await describeRemains(given.host), "", "the host has restored itself already");
}

/** Ends each watcher of a host: nobody is left to restore it. */
export async function killWatchers(host: LabHost): Promise<void> {
  await host.check(["sh", "-c", killEachWatcher]);
}

/** By its process id. */
const killEachWatcher = `
for process in /proc/[0-9]*; do
  case $(tr '\\0' ' ' <"$process/cmdline" 2>/dev/null) in
    *' /var/lib/virtfold/'*'/guard.sh watch ') kill -KILL "\${process##*/}" ;;
  esac
done
true`;

/** Everything of ours that lies on the host, and what its VMs stand on: text to be compared. */
export async function describeRemains(host: LabHost): Promise<string> {
  return await host.check(["sh", "-c", listRemains]);
}

const listRemains = `
find /var/lib/libvirt/images /srv -name '*.virtfold-*' -printf '%p %i\\n' | sort
find /var/lib/virtfold -mindepth 1 -type f ! -name '*lock' ! -name '*.receipt' -exec sha256sum {} + 2>/dev/null | sort
true`;

/** Waits until nothing of ours is on the host any more, with nobody asking it to. */
export async function waitUntilRestored(host: LabHost): Promise<void> {
  let remains = "";
  const explain = (): string => remains;
  await waitUntil(`${host.name} has restored itself`, { limitSeconds: 90, explain }, async () => {
    remains = await describeRemains(host);
    return remains === "" ? true : undefined;
  });
}

/** Deletes all guards of the host by hand, as nobody should. */
export async function deleteGuards(host: LabHost): Promise<void> {
  await host.check(["sh", "-c", "rm -rf /var/lib/virtfold/*"]);
}
