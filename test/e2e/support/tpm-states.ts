// The states of emulated TPMs on a host, as libvirt has swtpm keep them.

import type { LabHost } from "../../lab/lab-host.ts";

const root = "/var/lib/libvirt/swtpm";

/** Where the state of a VM's TPM 2.0 is. */
export async function statePath(host: LabHost, vm: string): Promise<string> {
  const uuid = await host.check(["virsh", "domuuid", vm]);
  return `${root}/${uuid.trim()}/tpm2/tpm2-00.permall`;
}

/** Checksum of the state of a VM's TPM. */
export async function stateOf(host: LabHost, vm: string): Promise<string> {
  const line = await host.check(["sha256sum", await statePath(host, vm)]);
  return line.split(" ")[0] ?? "";
}

/** All states there are, with owner, mode and checksum: text to be compared. swtpm's locks say nothing. */
export async function describeStates(host: LabHost): Promise<string> {
  return await host.check(["sh", "-c", describeText, "sh", root]);
}

const describeText = `
cd "$1" 2>/dev/null || exit 0
find . ! -name .lock -printf '%p %u %g %m\\n' | sort
find . -type f ! -name .lock -exec sha256sum {} + | sort`;

/** Has the VM's TPM, while it is off, store something else than it does: the banks that it is to measure into. */
export async function changeState(host: LabHost, vm: string, banks: "sha1" | "sha256"): Promise<void> {
  const folder = (await statePath(host, vm)).replace(/\/[^/]*$/, "");
  const owner = (await host.check(["stat", "-c", "%U", folder])).trim();
  const tpm = ["swtpm_setup", "--tpm2", "--tpmstate", folder, "--runas", owner] as const;
  await host.check([...tpm, "--reconfigure", "--pcr-banks", banks]);
}
