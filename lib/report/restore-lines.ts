// Event of a restore → one line for a person.

import type { RestoreEvent, RestoreNote } from "../model/restore.ts";
import { unreachable } from "../model/unreachable.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import type { LogLine } from "./log-lines.ts";
import { notHeldLine } from "./not-held-line.ts";
import { harmless, words } from "./wording.ts";

/** The log line of an event; undefined for those that need none. */
export function restoreLine(event: RestoreEvent): LogLine | undefined {
  switch (event.kind) {
    case "backup-chosen":
      return info(`Restoring from ${harmless(event.path)}`);
    case "not-held":
      return notHeldLine(event);
    case "note":
      return { level: "warning", text: describeNote(event.note) };
    case "step-started":
      return { level: "debug", text: `Step ${event.step}` };
    case "guard-armed":
      return { level: "debug", text: `Guard armed; to undo all by hand: ${harmless(event.command)}` };
    case "push-started":
      return info(`${harmless(event.target)}: ${harmless(event.from)} → ${harmless(event.to)}`);
    case "push-progress":
      return undefined;
    case "push-broken":
      return {
        level: "warning",
        text: `${harmless(event.target)}: the connection broke (${harmless(event.detail)}); going on in ${event.pauseSeconds} s`,
      };
    case "push-finished":
      return info(
        `${harmless(event.target)}: ${formatBytes(event.bytes)} in ${formatSeconds(event.seconds)} (${formatBytes(event.bytes / Math.max(event.seconds, 0.001))}/s)`,
      );
    case "images-verified":
      return info(`${event.files} files arrived as they were backed up`);
    case "device-opened":
      return {
        level: "warning",
        text: words`${{ raw: event.target }}: writing over ${event.path}: what was on it is gone from here on`,
      };
    case "device-verified":
      return info(words`${event.path} holds what was backed up`);
    case "access-not-kept":
      return {
        level: "warning",
        text: words`${event.path} stays its restorer's: it cannot be given to ${`${event.access.user}:${event.access.group}`} (mode ${{ raw: event.access.mode }}) here; libvirt does with it as it does with a new image`,
      };
    case "kept-aside":
      return info(words`Kept VM ${event.replaced.name} aside, with ${event.replaced.files.length} files`);
    case "vm-defined":
      return info(words`Defined ${event.name} with ${event.snapshots} snapshots`);
    case "undoing":
      return { level: "warning", text: "Undoing what was begun on the host…" };
    case "undone":
      return event.lostDevices.length === 0
        ? info("The host is as it was")
        : {
            level: "warning",
            text: words`The host is as it was, but for ${event.lostDevices}: what was on it is gone`,
          };
    case "left-on-host":
      return {
        level: "error",
        text: `Could NOT undo all of it: ${event.left.map(({ action, detail }) => `${harmless(action)}: ${harmless(detail)}`).join("; ")}. The host tries again by itself; by hand it is, there: ${harmless(event.command)}`,
      };
    case "vm-started":
      return info("Started");
    case "start-failed":
      return { level: "error", text: `The VM is restored, but does not start: ${harmless(event.detail)}` };
    case "stopping":
      return {
        level: "warning",
        text: `${event.signal} received: undoing what was begun on the host; once more to leave at once`,
      };
    default:
      return unreachable(event);
  }
}

/** What a person should know of the restored VM. */
export function describeNote(note: RestoreNote): string {
  switch (note.kind) {
    case "disk-left-out":
      return words`Disk ${note.target} (${note.path ?? "no path"}) is not in the backup: the VM comes without it`;
    case "medium-ejected":
      return words`${note.path} is not on the host: drive ${note.target} is empty`;
    case "host-devices-left-out":
      return words`${note.count} devices that were passed through from the host are left out`;
    case "folder-left-out":
      return words`Folder ${note.path}, which the guest shared, is not on the host: left out`;
    case "new-variables":
      return "UEFI variables are not in the backup: the VM begins with new ones";
    case "new-tpm":
      return "The state of the TPM is not in the backup: the VM begins with an empty one";
    case "tpm-secret":
      return words`The state of the TPM is encrypted with secret ${{ raw: note.secret }} of the libvirt that the VM was backed up from, which is not in the backup: this host must have it (virsh secret-define), or the VM does not start`;
    case "file-kept":
      return words`${note.path} on the host is not what it was when the VM was backed up; it is used as it is now, since others may use it too`;
    case "vm-replaced":
      return words`VM ${note.name} (${{ raw: note.uuid }}) makes room: its definition and files are kept aside`;
    case "namesake":
      return words`Host ${note.host} has VM ${note.name} (${{ raw: note.uuid }}), shut off: it and the restored one must never run at once`;
    case "host-not-asked":
      return words`Host ${note.host} could not be asked whether the VM is there (${{ raw: note.detail }}): it and the restored one must never run at once`;
    case "device-overwritten":
      return words`Overwrites ${note.path} with disk ${note.target}: what is on it now is lost, whether the restore succeeds or not`;
    case "no-autostart":
      return "The original started with its host; this VM does not (virsh autostart makes it)";
    case "qemu-arguments":
      return "The VM has QEMU arguments of its own: see whether they name files or ports of the original";
    case "snapshot-incomplete":
      return words`Snapshot ${note.name} had a disk ${note.path} that is not in the backup: its definition comes without it`;
    default:
      return unreachable(note);
  }
}

const info = (text: string): LogLine => ({ level: "info", text });
