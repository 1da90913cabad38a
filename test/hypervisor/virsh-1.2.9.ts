// What virsh 1.2.9 knew: the oldest libvirt that folds the overlay of a running VM back. Taken from the tables of
// options (vshCmdOptDef) in libvirt's tools/virsh.c, virsh-host.c, virsh-domain.c, virsh-domain-monitor.c and
// virsh-snapshot.c at tag v1.2.9 (8a24579f3e8beccb6009e5120dfa84ba692bc645).

/** Commands and their options; the first ones may be given without their name. */
export const virshOptions: Readonly<Record<string, readonly string[]>> = {
  "version": ["daemon"],
  "help": ["command"],
  "list": ["inactive", "all", "transient", "persistent", "with-snapshot", "without-snapshot", "state-running", "state-paused", "state-shutoff", "state-other", "autostart", "no-autostart", "with-managed-save", "without-managed-save", "uuid", "name", "table", "managed-save", "title"],
  "domstate": ["domain", "reason"],
  "dominfo": ["domain"],
  "domblklist": ["domain", "inactive", "details"],
  "domblkstat": ["domain", "device", "human"],
  "dumpxml": ["domain", "inactive", "security-info", "update-cpu", "migratable"],
  "define": ["file"],
  "undefine": ["domain", "managed-save", "storage", "remove-all-storage", "wipe-storage", "snapshots-metadata", "nvram"],
  "start": ["domain", "console", "paused", "autodestroy", "bypass-cache", "force-boot", "pass-fds"],
  "destroy": ["domain", "graceful"],
  "suspend": ["domain"],
  "resume": ["domain"],
  "domtime": ["domain", "now", "pretty", "sync", "time"],
  "domfsfreeze": ["domain", "mountpoint"],
  "domfsthaw": ["domain", "mountpoint"],
  "blockcommit": ["domain", "path", "bandwidth", "base", "shallow", "top", "active", "delete", "wait", "verbose", "timeout", "pivot", "keep-overlay", "async", "keep-relative"],
  "blockjob": ["domain", "path", "abort", "async", "pivot", "info", "bytes", "raw", "bandwidth"],
  "snapshot-list": ["domain", "parent", "roots", "leaves", "no-leaves", "metadata", "no-metadata", "inactive", "active", "disk-only", "internal", "external", "tree", "from", "current", "descendants", "name"],
  "snapshot-current": ["domain", "name", "security-info", "snapshotname"],
  "snapshot-info": ["domain", "snapshotname", "current"],
  "snapshot-dumpxml": ["domain", "snapshotname", "security-info"],
  "snapshot-create": ["domain", "xmlfile", "redefine", "current", "no-metadata", "halt", "disk-only", "reuse-external", "quiesce", "atomic", "live"],
  "snapshot-create-as": ["domain", "name", "description", "print-xml", "no-metadata", "halt", "disk-only", "reuse-external", "quiesce", "atomic", "live", "memspec", "diskspec"],
  "snapshot-delete": ["domain", "snapshotname", "current", "children", "children-only", "metadata"],
};

/** What is newer, used only where a probe has succeeded. `checkpoint-list` came with libvirt 5.6.0 (its NEWS). */
export const probedOptions: Readonly<Record<string, { readonly options: readonly string[]; readonly probe: string }>> = {
  "checkpoint-list": { options: ["domain", "name"], probe: "help checkpoint-list" },
};
