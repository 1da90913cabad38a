// VM facts for tests: a running VM with one qcow2 disk unless told otherwise.

import type { Domain, DomainDisk, HostFacts, Layer, Tpm, VmFacts, VmSnapshot } from "../../lib/model/vm.ts";

/** A VM's facts. */
export function buildVmFacts(changes: Partial<VmFacts> = {}): VmFacts {
  const domain = changes.domain ?? buildDomain();
  return {
    name: domain.name,
    uuid: domain.uuid,
    state: "running",
    stateReason: "booted",
    isPersistent: true,
    hasManagedSave: false,
    startsWithHost: false,
    checkpoints: [],
    activeJobs: [],
    domain,
    inactiveDomain: domain,
    inactiveXml: buildDomainXml(domain),
    chains: new Map([["vda", [buildLayer()]]]),
    chainTroubles: new Map(),
    snapshots: [],
    currentSnapshot: undefined,
    freeBytes: new Map([["/var/lib/libvirt/images", 100 * 2 ** 30]]),
    ...changes,
  };
}

/** An emulated TPM 2.0 whose state is where libvirt keeps it. */
export function buildTpm(changes: Partial<Tpm> = {}): Tpm {
  return { backend: "emulator", version: "2.0", secret: undefined, ownPlace: undefined, ...changes };
}

export function buildDomain(changes: Partial<Domain> = {}): Domain {
  return {
    name: "web",
    uuid: "0f5f7a2e-1111-4222-8333-444455556666",
    disks: [buildDisk()],
    nvramPath: undefined,
    hasNetworkNvram: false,
    kernelPath: undefined,
    initrdPath: undefined,
    dtbPath: undefined,
    tpm: undefined,
    hasAgentChannel: true,
    agentConnected: true,
    ...changes,
  };
}

/** A definition of these disks; `inside` is put into each of them. */
export function buildDomainXml({ name, uuid, disks }: Domain, inside = ""): string {
  const elements = disks.flatMap((disk) => {
    if (disk.kind === "skipped") return [];
    const source = `<source ${disk.source === "file" ? "file" : "dev"}='${disk.path}'/>`;
    const driver = `<driver name='qemu' type='${disk.format}'/>`;
    return [`<disk type='${disk.source}'>${driver}${source}${inside}<target dev='${disk.target}'/></disk>`];
  });
  return `<domain><name>${name}</name><uuid>${uuid}</uuid><devices>${elements.join("")}</devices></domain>`;
}

export function buildDisk(changes: Partial<Extract<DomainDisk, { kind: "included" }>> = {}): DomainDisk {
  const path = "/var/lib/libvirt/images/web.qcow2";
  return {
    kind: "included",
    target: "vda",
    source: "file",
    path,
    format: "qcow2",
    hasMirror: false,
    ...changes,
  };
}

export function buildLayer(changes: Partial<Layer> = {}): Layer {
  return {
    path: "/var/lib/libvirt/images/web.qcow2",
    source: "file",
    format: "qcow2",
    virtualBytes: 2 ** 30,
    fileBytes: 200_000,
    allocatedBytes: 196_608,
    stamp: "file 1:2 200000 then then",
    identity: "file 1:2",
    snapshotNames: [],
    obstacle: undefined,
    ...changes,
  };
}

export function buildSnapshot(changes: Partial<VmSnapshot> = {}): VmSnapshot {
  const xml = "<domainsnapshot><name>one</name></domainsnapshot>";
  return {
    ...{ name: "one", parent: undefined, location: "internal", state: "shutoff", xml },
    ...{ internalTargets: ["vda"], ...changes },
  };
}

export function buildHostFacts(vms: readonly VmFacts[], changes: Partial<HostFacts> = {}): HostFacts {
  const versions = { libvirt: "9.0.0", qemu: "7.2.22", qemuImg: "7.2.22", rsync: "3.2.7" };
  return { versions, vms, unreadable: [], imageUsers: new Map(), guards: [], ...changes };
}
