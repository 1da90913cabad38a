import { needPackages, type Progress } from "./apt.ts";
import type { Suite } from "./lab-host.ts";
import { LabRefusal } from "./lab-refusal.ts";

/** For the network, the guests and the folders, and for hosts that use the machine's own libvirt. */
const always = [
  ...["libvirt-daemon-system", "libvirt-daemon-driver-qemu", "libvirt-clients"],
  ...["qemu-system-x86", "qemu-utils", "qemu-guest-agent", "ovmf", "swtpm-tools"],
  ...["openssh-server", "openssh-client", "rsync", "sudo"],
  ...["iproute2", "util-linux", "e2fsprogs", "busybox-static", "cpio", "gzip", "xz-utils", "zstd", "kmod"],
];

/** For hosts of another generation. */
const forSuites = ["debootstrap", "debian-archive-keyring"];

/** For tests that compare with what libxml2 and libvirt's schemas say. */
const forTests = ["libxml2-utils"];

/** Sees to it that this machine has what a laboratory with hosts of these suites needs. */
export async function needLabPackages(suites: readonly Suite[], progress?: Progress): Promise<void> {
  needRightMachine();
  const needed = suites.every((suite) => suite === "machine") ? always : [...always, ...forSuites];
  await needPackages(needed, progress);
}

/** Sees to it that this machine has what any test needs. */
export async function needTestPackages(progress?: Progress): Promise<void> {
  needRightMachine();
  await needPackages([...always, ...forSuites, ...forTests], progress);
}

function needRightMachine(): void {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new LabRefusal(
      `Cannot build a lab: it needs Linux on x86_64, this is ${process.platform} on ${process.arch}`,
    );
  }
}
