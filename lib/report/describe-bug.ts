// A known fault of a tool → what it does, and what to do about it.

import type { KnownBug } from "../model/finding.ts";

/** What is to be said of a fault. */
export interface BugWords {
  readonly tool: string;
  /** What it does, with the version in front: "libvirt 1.2.2 …". */
  readonly text: string;
  readonly remedy: string;
}

const bugWords: { readonly [Bug in KnownBug]: BugWords } = {
  "libvirt-too-old": {
    tool: "libvirt",
    text: "cannot fold back the overlay of a running VM; 1.2.9 is the first that can",
    remedy: "Update libvirt on the host, or shut VMs off for their backup",
  },
  "qemu-too-old": {
    tool: "QEMU",
    text: "cannot fold back the overlay of a running VM; 2.1 is the first that can",
    remedy: "Update QEMU on the host, or shut VMs off for their backup",
  },
  "no-image-locks": {
    tool: "qemu-img",
    text: "does not lock images (2.10 does), so nothing keeps another program from writing to one in use",
    remedy: "Never start another tool on the image of a VM that runs",
  },
  "apparmor-denies-commit": {
    tool: "libvirt",
    text: "is kept from folding overlays back by AppArmor on some hosts (mended in 12.1.0)",
    remedy: "Back up a VM that matters little first, and look that it is on its own disk afterwards",
  },
  "rsync-too-old": {
    tool: "rsync",
    text: "is too old: 3.1.0 is needed here, and 3.0.0 on hosts",
    remedy: "Update rsync there",
  },
  "rsync-hostile-sender": {
    tool: "rsync",
    text: "has holes that a hostile host could use (mended in 3.4.3, and by some distributions before)",
    remedy: "See whether your distribution has mended it, or update rsync on this machine",
  },
};

/** The words for a fault. */
export function describeBug(bug: KnownBug): BugWords {
  return bugWords[bug];
}
