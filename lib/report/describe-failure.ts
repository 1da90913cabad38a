// Failure → one sentence: what could not be done, to what, why, and the next command. The only place that words failures.

import type { FailureReason } from "../model/failure.ts";
import { unreachable } from "../model/unreachable.ts";
import { commandLine } from "./command-line.ts";
import { describeInventory } from "./describe-inventory.ts";
import { describeDrillRefusal } from "./describe-drill-refusal.ts";
import { describeObstacle } from "./describe-obstacle.ts";
import { describeRestoreReason } from "./describe-restore-reason.ts";
import { formatBytes } from "./format.ts";
import { quoted, words } from "./wording.ts";

/**
 * The sentence for a failure: what could not be done, to what, why, then what to do next.
 * Values are quoted and stripped of control characters, since many of them come from hosts.
 */
export function describeFailure(reason: FailureReason): string {
  switch (reason.kind) {
    case "host-unknown-key":
      return words`Cannot trust host ${reason.host}: its key ${reason.fingerprint} is in no known_hosts file. Compare the fingerprint on the host itself, then run: ${{ whole: reason.command }}`;
    case "host-key-changed":
      return words`Cannot trust host ${reason.host}: its key has changed (now ${reason.fingerprint}); somebody may be listening in. If you know why it changed, remove the old one (${{ whole: reason.command }}) and run the backup again: it names the command that adds the new one`;
    case "host-key-revoked":
      return words`Cannot trust host ${reason.host}: its key ${reason.fingerprint} is marked @revoked in known_hosts. Give the host a new key`;
    case "host-key-authority":
      return words`Cannot check the key of host ${reason.host}: known_hosts only names a certificate authority for it, whose certificates cannot be checked here. Compare the fingerprint ${reason.fingerprint} on the host itself, then add its own key as well: ${{ whole: reason.command }}`;
    case "host-unreachable":
      return words`Cannot reach host ${reason.host}: ${{ raw: reason.detail }}. Try: ${{ whole: reason.command }}`;
    case "login-refused":
      if (reason.certificates.length > 0)
        return words`Cannot log in to host ${reason.host} as ${reason.user}: it accepted none of ${reason.tried}, and commands cannot show it the certificate ${reason.certificates}, as ssh does. Have the host accept the key itself: put it into the login's authorized_keys`;
      return words`Cannot log in to host ${reason.host} as ${reason.user}: it accepted none of ${reason.tried}. Load the right key into ssh-agent or name it as IdentityFile in your SSH configuration, then try: ${{ whole: reason.command }}`;
    case "sudo-refused":
      return words`Cannot become root on host ${reason.host}: sudo says: ${{ raw: reason.detail }}. Give the login the rules of docs/sudo.md, then try on the host: echo true | sudo -n sh -s`;
    case "ssh-configuration":
      return words`Cannot use the SSH configuration for host ${reason.host}: ${{ raw: reason.detail }}. Correct it and run the backup again`;
    case "connection-lost":
      return words`Lost the connection to host ${reason.host}: ${{ raw: reason.detail }}. Check the network and run the backup again`;
    case "tool-missing":
      return words`Cannot find ${reason.tool} on ${reason.where}. Install it there and run the backup again`;
    case "libvirt-unreachable":
      return words`Cannot use libvirt on host ${reason.host} (${reason.uri}): ${{ raw: reason.detail }}. Try on the host: virsh -c ${{ shell: reason.uri }} list`;
    case "command-failed":
      return words`A command failed on host ${reason.host} with code ${reason.code}: ${{ whole: reason.command }}: ${{ raw: reason.detail }}`;
    case "unexpected-answer":
      return words`Cannot understand what ${{ whole: reason.command }} answered on host ${reason.host}: ${{ raw: reason.detail }}. Run it there by hand; if its answer is sound, report this as a bug`;
    case "vm-not-found":
      return words`Cannot find VM ${reason.vm} on host ${reason.host}; it has ${reason.known}. Name one of these`;
    case "vm-obstacle":
      return describeObstacle(reason.host, reason.vm, reason.obstacle);
    case "vm-unreadable":
      return words`Cannot back up ${reason.vm} on host ${reason.host}: what libvirt says of it cannot be used: ${{ raw: reason.detail }}. Look on the host: virsh dumpxml ${{ shell: reason.vm }} and virsh snapshot-list --tree ${{ shell: reason.vm }}`;
    case "vm-changed":
      return words`Cannot back up ${reason.vm}: it changed since it was looked at (${{ raw: reason.what }}). Run the backup again`;
    case "vm-started-while-copied":
      return words`Cannot keep the copy of ${reason.vm}: it was shut off when copying began and is ${reason.state} now, so the copy may be torn. Run the backup again; a running VM is backed up with a snapshot`;
    case "source-changed":
      return words`Cannot keep the copy of ${reason.vm} ${reason.target}: ${reason.path} changed while it was copied, so the copy may be torn. Find out what writes to it and run the backup again`;
    case "guard-held":
      return words`Cannot back up ${reason.vm}: backup ${{ raw: reason.backupId }} has held it on host ${reason.host} since ${{ raw: reason.since }}. It is a backup by ${{ raw: reason.controller }}; wait for it, or, if it has died, for the host, which restores itself then; to see which: ${{ whole: commandLine("recover") }} ${{ shell: reason.host }}`;
    case "guard-stuck":
      return words`Cannot back up ${reason.vm}: what backup ${{ raw: reason.backupId }} left on host ${reason.host} cannot be undone by program: ${{ raw: describeLeft(reason.left) }}. Put that right on the host and run there: ${{ whole: reason.command }}`;
    case "lease-lost":
      return words`Cannot go on with the backup of ${reason.vm}: host ${reason.host} could not be told in time that this program lives (${{ raw: reason.detail }}), so it restores itself within ${reason.seconds} s. Check the network and run the backup again`;
    case "host-restored-itself":
      return describeOwnRestore(reason);
    case "guard-failed":
      return words`Cannot set up the safety net for ${reason.vm} on host ${reason.host}: ${{ raw: reason.detail }}. Put that right on the host and run the backup again`;
    case "snapshot-failed":
      return words`Cannot take a snapshot of ${reason.vm} on host ${reason.host}: ${{ raw: reason.detail }}. Put that right on the host and run the backup again`;
    case "snapshot-incomplete":
      return describeIncomplete(reason);
    case "quiesce-failed":
      return words`Cannot freeze the file systems of ${reason.vm}: ${{ raw: reason.detail }}. Check the guest agent, or allow a crash-consistent backup with --quiesce ${{ raw: reason.milder }}`;
    case "host-left-changed":
      return words`Cannot keep the copy of ${reason.vm}: host ${reason.host} could not be restored`;
    case "copy-failed":
      return words`Cannot copy ${reason.vm} ${reason.target} from ${reason.path}: rsync or ssh ended with ${reason.code ?? "a signal"}: ${{ raw: reason.detail }}. Run the backup again`;
    case "copy-unreadable":
      return words`Cannot read ${reason.path} of ${reason.vm} on its host: ${{ raw: reason.detail }}. Check that the login may read it`;
    case "copy-damaged":
      return words`Cannot keep the copy of ${reason.vm}: ${reason.fileName} is damaged: ${{ raw: reason.detail }}. Run qemu-img check on the original`;
    case "snapshot-not-in-copy":
      return words`Cannot keep the copy of ${reason.vm}: snapshot ${reason.snapshot} was inside the image of ${reason.target} on the host, but is not inside its copy. Run the backup again`;
    case "store-missing":
      return words`Cannot use store ${reason.store}: it does not exist. Create it (or mount it) and run the command again`;
    case "store-not-writable":
      return words`Cannot write to store ${reason.store}: ${{ raw: reason.detail }}. Check that it is a folder, its owner, its mode and whether it is mounted read-only`;
    case "store-full":
      return words`Cannot fit the backup into store ${reason.store}: ${{ raw: describeSpace(reason) }}. Free some space or choose another --store`;
    case "store-conflict":
      return words`Cannot publish the backup: ${reason.path} exists already. Run the backup again`;
    case "store-held":
      return describeHeld(reason);
    case "store-entry-bad":
      return words`Cannot use ${reason.path} in the store: ${{ raw: reason.detail }}. Look at it, move it away if it is nobody's, and run the backup again`;
    case "backup-claimed":
      return describeClaim(reason);
    case "usage":
      return words`${{ whole: reason.detail }}. ${{ whole: reason.hint }}`;
    case "inventory-bad":
      return describeInventory(reason.problems);
    case "no-vm-matches":
      return words`Cannot find a VM for ${reason.target} on ${reason.hosts}; these have ${reason.known}. Name one of these`;
    case "hook-failed":
      return words`Cannot go on past hook ${reason.program} (${{ raw: reason.moment }}): ${{ raw: reason.detail }}. Look what it wants: run it by hand with ${{ whole: reason.moment }} as its argument`;
    case "backup-not-found":
    case "newest-damaged":
    case "newest-from-the-future":
    case "backup-unusable":
    case "restore-misfit":
    case "push-failed":
    case "device-failed":
    case "host-full":
    case "arrived-damaged":
    case "image-refused":
    case "define-failed":
    case "restore-unknown":
      return describeRestoreReason(reason);
    case "drill-impossible":
      return describeDrillRefusal(reason);
    case "interrupted":
      return words`Stopped by ${{ raw: reason.signal }}`;
    default:
      return unreachable(reason);
  }
}

function describeLeft(left: readonly { readonly action: string; readonly detail: string }[]): string {
  return left.map(({ action, detail }) => `${action}: ${detail}`).join("; ");
}

function describeOwnRestore(reason: Extract<FailureReason, { kind: "host-restored-itself" }>): string {
  const what = words`Cannot go on with the backup of ${reason.vm}: host ${reason.host} has restored itself, because`;
  const detail = { raw: reason.detail };
  switch (reason.cause) {
    case "lease":
      return words`${{ whole: what }} ${detail}. Check the network and run the backup again, or give it more time with --lease`;
    case "boot":
      return words`${{ whole: what }} ${detail}. Run the backup again`;
    case "budget":
      return words`${{ whole: what }} ${detail}. Run the backup when the guest writes less, or allow more with --overlay-budget`;
    case "space":
      return words`${{ whole: what }} ${detail}. Free some space there, or choose another folder with --overlay-dir`;
    case "asked":
    case "again":
    case "recover":
      return words`${{ whole: what }} somebody asked it to. Run the backup again`;
    default:
      return unreachable(reason.cause);
  }
}

function describeIncomplete({
  vm,
  targets,
  stays,
}: Extract<FailureReason, { kind: "snapshot-incomplete" }>): string {
  const what = words`Cannot use the snapshot of ${vm}: ${targets} did not move to the overlay that was planned, so disks were plugged in or out meanwhile`;
  const [first] = stays;
  if (first === undefined) return `${what}. The snapshot is undone; run the backup again`;
  const paths = stays.map(({ path }) => path);
  return words`${{ whole: what }}. What was planned is undone, but the VM still runs on ${paths}. Fold each back on the host: virsh blockcommit ${{ shell: vm }} ${{ shell: first.target }} --shallow --active --pivot. Then run the backup again`;
}

function describeHeld(reason: Extract<FailureReason, { kind: "store-held" }>): string {
  const { store, lock, state, holder, since } = reason;
  if (holder === undefined)
    return words`Cannot back up into store ${store}: its lock does not say who holds it. If no backup into it runs anywhere, remove the lock: rm -r ${{ shell: lock }}`;
  const who = words`Cannot back up into store ${store}: another backup has held it since ${{ raw: since ?? "an unknown time" }}: ${{ raw: `${holder.user}@${holder.machine} pid ${holder.pid}` }}`;
  return state === "alive"
    ? words`${{ whole: who }}. Wait until it has ended, or choose another --store`
    : words`${{ whole: who }}, and nobody can tell from here whether it still runs. If it does not (there: ps -p ${holder.pid}), remove its lock: rm -r ${{ shell: lock }}`;
}

function describeClaim(reason: Extract<FailureReason, { kind: "backup-claimed" }>): string {
  const { path, by, state, note, holder } = reason;
  const doing = by === "reading" ? "it is being read" : "it is being removed";
  const who =
    holder === undefined
      ? words`Cannot use ${path} now: ${{ raw: doing }}, says ${note}`
      : words`Cannot use ${path} now: ${{ raw: doing }} by ${{ raw: `${holder.user}@${holder.machine} pid ${holder.pid}` }}`;
  return state === "alive"
    ? words`${{ whole: who }}. Try again when that has ended`
    : words`${{ whole: who }}, and nobody can tell from here whether that still runs. If it does not, remove the note: rm ${{ shell: note }}`;
}

function describeSpace(reason: Extract<FailureReason, { kind: "store-full" }>): string {
  if (reason.neededBytes === undefined || reason.freeBytes === undefined) return "no space left";
  return `it needs ${formatBytes(reason.neededBytes)} and ${formatBytes(reason.freeBytes)} are free`;
}

/** A failure's sentence with its host in front, where the sentence does not name it already. */
export function failureLine(host: string, reason: FailureReason): string {
  const sentence = describeFailure(reason);
  return sentence.includes(quoted(host)) ? sentence : `${host}: ${sentence}`;
}
