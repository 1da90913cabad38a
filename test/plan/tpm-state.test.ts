// The state of an emulated TPM through a backup's plan and a restore's: it lies in a folder named after the VM's UUID.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BackupError } from "../../lib/model/failure.ts";
import { tpmPlace, tpmStatePath } from "../../lib/hypervisor/read-tpm.ts";
import { planDrill } from "../../lib/plan/plan-drill.ts";
import { planOriginal } from "../../lib/plan/plan-original.ts";
import { planRestore, type RestoreOptions } from "../../lib/plan/plan-restore.ts";
import { restoredTpm } from "../../lib/plan/restored-tpm.ts";
import type { HostFile } from "../../lib/plan/original-facts.ts";
import { buildPlannedBackup } from "../support/build-planned-vm.ts";
import {
  buildManifest,
  buildStoredVm,
  buildStoredXml,
  buildTargetFacts,
  storedUuid,
} from "../support/build-stored-vm.ts";
import { buildDomain, buildHostFacts, buildTpm, buildVmFacts } from "../support/build-vm-facts.ts";

const uri = "qemu:///system";
const root = "/var/lib/libvirt/swtpm";
const uuid = "22222222-2222-4333-8444-555555555555";
const restoreId = "20261129-010203-abcdef";
const staged = (path: string): string => `${path}.virtfold-${restoreId}.restoring`;
const host = { name: "kvm1", destination: "kvm1", uri };
const tpm = (more = "", attributes = ""): string =>
  `<tpm model='tpm-crb'><backend type='emulator' version='2.0'${attributes}>${more}</backend></tpm><channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>`;
const options: RestoreOptions = {
  ...{ name: undefined, imageFolder: undefined, network: { kind: "keep" }, mac: "new" },
  ...{ withSnapshots: true, starts: false, leaseSeconds: 120, bytesPerSecond: 0 },
};
const attempt = { restoreId, uuid, generationId: "g", random: new Uint8Array(16) };

/** A backup whose manifest claims that the state was where it could do harm. */
const stored = (xml = tpm(), hasState = true) =>
  buildStoredVm({
    originalXml: buildStoredXml(xml),
    manifest: buildManifest({
      bootFiles: hasState
        ? [
            {
              ...{ role: "tpm", fileName: "tpm/tpm2-00.permall", bytes: 6101, sha256: "7".repeat(64) },
              ...{ sourcePath: "/etc/passwd", access: { user: "tss", group: "tss", mode: "0600" } },
            },
          ]
        : [],
    }),
  });

const isMisfit = (error: unknown): boolean =>
  error instanceof BackupError && error.reason.kind === "restore-misfit";

describe("tpmPlace()", () => {
  it("knows libvirt's places for both versions, in lower case as libvirt has them", () => {
    const at = (version: "1.2" | "2.0") => tpmPlace(uri, uuid.toUpperCase(), buildTpm({ version }));
    assert.deepEqual(at("2.0"), { folder: `${root}/${uuid}`, inner: "tpm2", fileName: "tpm2-00.permall" });
    assert.deepEqual(at("1.2"), { folder: `${root}/${uuid}`, inner: "tpm1.2", fileName: "tpm-00.permall" });
  });

  it("guesses nothing", () => {
    assert.equal(tpmPlace(uri, uuid, undefined), undefined);
    for (const other of ["qemu:///session", "qemu:///systematic", "test:///default", "qemu:///embed?root=/x"])
      assert.equal(tpmPlace(other, uuid, buildTpm()), undefined, other);
    const unknown = [
      { version: undefined },
      { backend: "other" },
      { ownPlace: { folder: undefined } },
      { ownPlace: { folder: "tpms" } },
    ] as const;
    for (const changes of unknown) assert.equal(tpmStatePath(uri, uuid, buildTpm(changes)), undefined);
  });
});

describe("tpmStatePath()", () => {
  it("is libvirt's place, or the folder that the definition names", () => {
    assert.equal(tpmStatePath(uri, uuid, buildTpm()), `${root}/${uuid}/tpm2/tpm2-00.permall`);
    const tpm = buildTpm({ version: "1.2", ownPlace: { folder: "/tpms/web" } });
    assert.equal(tpmStatePath("qemu:///session", uuid, tpm), "/tpms/web/tpm-00.permall");
  });
});

describe("planVmBackup()", () => {
  it("copies the state of a TPM, and calls the backup whole", () => {
    const domain = buildDomain({ tpm: buildTpm() });
    const { plan, degradedBy } = buildPlannedBackup(buildVmFacts({ domain }));
    assert.deepEqual(plan.bootFiles, [
      {
        ...{ role: "tpm", path: `${root}/${domain.uuid}/tpm2/tpm2-00.permall` },
        fileName: "tpm/tpm2-00.permall",
      },
    ]);
    assert.deepEqual(degradedBy, []);
  });
});

describe("planRestore()", () => {
  const plan = (found = stored()) =>
    planRestore({ host, stored: found, facts: buildTargetFacts() }, options, attempt);

  it("puts the state where libvirt looks for that of the new VM, whatever the backup says of its path", () => {
    const { files, tpmFolder, notes } = plan();
    const folder = `${root}/${uuid}`;
    assert.deepEqual(tpmFolder, { path: folder, stagedPath: staged(folder), inner: "tpm2" });
    assert.deepEqual(files.map(({ role, path, stagedPath }) => [role, path, stagedPath]).slice(0, 1), [
      ["tpm", `${folder}/tpm2/tpm2-00.permall`, `${staged(folder)}/tpm2/tpm2-00.permall`],
    ]);
    assert.ok(files.every(({ path, stagedPath }) => !`${path}${stagedPath}`.includes("passwd")));
    assert.deepEqual(notes, []);
  });

  it("says that the secret is needed of a state that is encrypted, and what begins with an empty one", () => {
    assert.deepEqual(plan(stored(tpm("<encryption secret='5ec'/>"))).notes, [
      { kind: "tpm-secret", secret: "5ec" },
    ]);
    const without = plan(stored(tpm(), false));
    assert.deepEqual([without.notes, without.tpmFolder], [[{ kind: "new-tpm" }], undefined]);
    assert.equal(restoredTpm(stored(), { uri: "qemu:///session", uuid, restoreId }), undefined);
  });

  it("refuses a host that says that it has no emulator, and no other", () => {
    const on = (...tpmBackends: readonly string[]) =>
      planRestore({ host, stored: stored(), facts: buildTargetFacts({ tpmBackends }) }, options, attempt);
    assert.throws(() => on("passthrough"), isMisfit);
    assert.ok(on() && on("passthrough", "emulator"));
  });

  it("gives no restored VM the place of the original's state, nor a TPM that only one can have", () => {
    const { definition, tpmFolder } = plan(stored(tpm("<source type='dir' path='/tpms/web'/>")));
    assert.ok(definition.includes("<tpm ") && !definition.includes("/tpms/web"), definition);
    assert.equal(tpmFolder?.path, `${root}/${uuid}`);
    const passed = plan(
      stored("<tpm><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>", false),
    );
    assert.ok(!passed.definition.includes("<tpm"), passed.definition);
    assert.deepEqual(passed.notes, [{ kind: "host-devices-left-out", count: 1 }]);
  });
});

describe("planOriginal()", () => {
  const folder = `${root}/${storedUuid}`;
  const there: HostFile = { kind: "folder", identity: undefined, sha256: undefined };
  const plan = (
    paths: readonly string[],
    vms: Parameters<typeof buildHostFacts>[0] = [],
    found = stored(),
  ) => {
    const around = {
      here: buildHostFacts(vms),
      ...{ elsewhere: [], unasked: [], files: new Map(paths.map((path) => [path, there])) },
      folders: new Map([["/images", { mount: "/", freeBytes: 10 ** 12 }]]),
      devices: { states: new Map(), volumeUsers: new Map() },
    };
    const forced = { ...options, original: { isForced: true, overwrites: [] } };
    return planOriginal({ host, stored: found, facts: buildTargetFacts(), around }, forced, attempt);
  };
  const off = (changes: Parameters<typeof buildVmFacts>[0]) =>
    buildVmFacts({ name: "web", state: "shut-off", ...changes });
  const withTpm = buildDomain({ tpm: buildTpm() });

  it("puts the state where it was", () => {
    const { tpmFolder, files, original, notes } = plan([]);
    assert.deepEqual(tpmFolder, { path: folder, stagedPath: staged(folder), inner: "tpm2" });
    assert.equal(files[0]?.path, `${folder}/tpm2/tpm2-00.permall`);
    assert.deepEqual([original?.replaced, notes], [undefined, []]);
  });

  it("keeps the whole folder of the VM that makes room, which libvirt would delete", () => {
    const kept = `${folder}.virtfold-${restoreId}.replaced`;
    const { original } = plan([folder], [off({ uuid: storedUuid, inactiveDomain: withTpm })]);
    assert.deepEqual(original?.replaced?.files, [{ path: folder, keptPath: kept }]);
  });

  it("keeps that of another VM of its name as well, which is no place for its own", () => {
    const other = `${root}/${uuid}`;
    const { original } = plan([other], [off({ uuid, inactiveDomain: withTpm })]);
    assert.deepEqual(
      original?.replaced?.files.map(({ path }) => path),
      [other],
    );
  });

  it("moves no state that belongs to no VM of that UUID, and does not let the restored VM use it", () => {
    assert.throws(() => plan([folder]), isMisfit);
    assert.throws(() => plan([folder], [off({ uuid: storedUuid, inactiveDomain: buildDomain() })]), isMisfit);
  });
});

describe("planDrill()", () => {
  it("has the clone's state go with it", () => {
    const drill = planDrill(
      {
        ...{ host, stored: stored(tpm("", " persistent_state='yes'")), facts: buildTargetFacts() },
        sight: { kind: "unseen", why: "x" },
      },
      {
        ...{ expected: { kind: "agent" }, timeoutSeconds: 300, imageFolder: undefined },
        ...{ leaseSeconds: 120, bytesPerSecond: 0 },
      },
      attempt,
    );
    assert.ok(!drill.clone.definition.includes("persistent_state"), drill.clone.definition);
    const [state] = drill.clone.files;
    assert.equal(state?.stagedPath, `${staged(`${root}/${uuid}`)}/tpm2/tpm2-00.permall`);
  });
});
