// A VM in a store, and a host it fits on, for tests of restoring.

import { parseDomain } from "../../lib/hypervisor/domain-xml.ts";
import type { RestoreAttempt, RestoreOptions } from "../../lib/plan/plan-restore.ts";
import type { StoredVm } from "../../lib/plan/stored-vm.ts";
import type { TargetFacts } from "../../lib/plan/target-facts.ts";
import type { Manifest } from "../../lib/store/manifest.ts";

export const storedUuid = "848021e0-6cad-4ce6-b63e-31b502f145e4";

/** A definition with one disk. */
export function buildStoredXml(more = "", image = "/images/web.qcow2"): string {
  return `<domain type='qemu'>
  <name>web</name>
  <uuid>${storedUuid}</uuid>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${image}'/>
      <target dev='vda' bus='virtio'/>
    </disk>${more}
  </devices>
</domain>
`;
}

/** A manifest of one disk, as far as a restore reads it. */
export function buildManifest(changes: Partial<Manifest> = {}): Manifest {
  const file = (fileName: string) => ({ fileName, bytes: 1000, sha256: "0".repeat(64) });
  return {
    version: 1,
    tool: { name: "virtfold", version: "0.1.0" },
    backupId: "20261123-012500-abcdef",
    startedAt: "2026-11-23T01:25:00.000Z",
    finishedAt: "2026-11-23T01:26:00.000Z",
    host: { name: "kvm1", versions: {} },
    vm: { name: "web", uuid: storedUuid, stateAtBackup: "running" },
    consistency: "crash",
    newName: "web-restore-2026-11-23-012500",
    newUuid: "11111111-2222-4333-8444-555555555555",
    disks: [
      {
        ...{ target: "vda", format: "qcow2", virtualBytes: 10 * 2 ** 30, copyMethod: "rsync-direct" },
        ...{ source: { path: "/images/web.qcow2", kind: "file" }, compression: "none" },
        layers: [
          { ...file("vda.qcow2"), format: "qcow2", allocatedBytes: 1000, sourcePath: "/images/web.qcow2" },
        ],
      },
    ],
    skippedDisks: [],
    bootFiles: [],
    snapshots: { order: [] },
    files: { originalXml: file("original.xml"), patchedXml: file("web-restore.xml") },
    secondsOnOverlay: 1,
    secondsByStep: {},
    warnings: [],
    degradedBy: [],
    ...changes,
  };
}

export function buildStoredVm(changes: Partial<StoredVm> = {}): StoredVm {
  const originalXml = changes.originalXml ?? buildStoredXml();
  return {
    path: "/store/kvm1/web/2026-11-23-012500",
    manifest: buildManifest(),
    originalXml,
    domain: parseDomain(originalXml),
    namedFolder: "/store/kvm1/web/2026-11-23-012500",
    snapshots: [],
    ...changes,
  };
}

export function buildTargetFacts(changes: Partial<TargetFacts> = {}): TargetFacts {
  return {
    versions: { libvirt: "9.0.0", qemu: "7.2.22", qemuImg: "7.2.22", rsync: "3.2.7" },
    vms: [{ name: "web", uuid: storedUuid }],
    machineTrouble: undefined,
    cpuModels: [],
    tpmBackends: [],
    paths: new Map([["/images", "folder"]]),
    freeBytes: 100 * 2 ** 30,
    missingPlugs: [],
    ...changes,
  };
}

/** A restore beside the original, with nothing else asked for. */
export const restoreAsked: {
  readonly host: { readonly name: string; readonly destination: string; readonly uri: string };
  readonly options: RestoreOptions;
  readonly attempt: RestoreAttempt;
} = {
  host: { name: "kvm2", destination: "kvm2", uri: "qemu:///system" },
  options: {
    ...{ name: undefined, imageFolder: undefined, network: { kind: "keep" }, mac: "new" },
    ...{ withSnapshots: true, starts: false, leaseSeconds: 120, bytesPerSecond: 0 },
  },
  attempt: {
    ...{ restoreId: "20261129-010203-abcdef", uuid: "22222222-2222-4333-8444-555555555555" },
    ...{ generationId: "g", random: new Uint8Array(16) },
  },
};
