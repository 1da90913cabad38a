// A change to a VM while the file systems of its guest are frozen.

import type { Command } from "../shell/command.ts";

/** What a quiesced command ends with when its guest was not thawed afterwards, whatever became of the command. */
export const notThawedCode = 111;

/**
 * The command with a freeze before it and a thaw after it; when the freeze fails it is not run at all. One command on the
 * host, so that no guest stays frozen for want of a link.
 *
 * Not `snapshot-create-as --quiesce`: libvirt then keeps the VM for itself until the agent has thawed, and waits for that
 * without end. A guest that finds no room in its overlay the moment it is thawed is paused, so its agent never answers,
 * and nothing could be folded back or resumed any more.
 */
export function quiesced(
  { uri, uuid }: { readonly uri: string; readonly uuid: string },
  command: Command,
): Command {
  return ["sh", "-c", text, "sh", uri, uuid, ...command];
}

const text = `uri=$1 uuid=$2; shift 2
virsh -c "$uri" domfsfreeze "$uuid" >/dev/null || exit
"$@"; code=$?
timeout -k 5 30 virsh -c "$uri" domfsthaw "$uuid" >/dev/null || code=${notThawedCode}
exit "$code"`;
