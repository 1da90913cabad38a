// Paths at which no file of a VM has any business, whatever a backup says. Pure.

/** What the system itself runs, reads or keeps its state in. */
const folders =
  /^\/(?:bin|boot|dev|etc|lib\d*|libx?32|proc|run|sbin|sys|usr)\/|^\/var\/(?:at|cache|cron|db|log|mail|run|spool|www)\//;
/** State of programs that would run or trust what they find there, this one's guards among them. */
const states =
  /^\/var\/lib\/(?:apt|cloud|containerd|dbus|docker|dpkg|kubelet|pam|polkit-1|rpm|snapd|sudo|systemd|virtfold)\//;
/** A file or folder that people do not see: `.ssh`, `.bashrc`. */
const hidden = /\/\./;
/** Where libvirt keeps what belongs to VMs of a user. */
const ofSessions =
  /^(?:\/[^./][^/]*)+\/(?:\.local\/share|\.config|\.cache)\/libvirt\/(?:[^./][^/]*\/)*[^./][^/]*$/;

/**
 * Whether a file put at this path could be taken for one of the system's or a user's own. The store says where the files of
 * a VM were, and anybody may have written there; what comes back is put there by root.
 */
export function isSystemPath(path: string): boolean {
  return folders.test(path) || states.test(path) || (hidden.test(path) && !ofSessions.test(path));
}
