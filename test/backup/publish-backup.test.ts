import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VerifiedCopies } from "../../lib/backup/6-verify-copies.ts";
import { publishBackup } from "../../lib/backup/7-publish-backup.ts";
import { plannedDegradations } from "../../lib/plan/planned-degradations.ts";
import type { Ports } from "../../lib/backup/ports.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { PlanWarning, VmBackupPlan } from "../../lib/model/plan.ts";
import { planVmBackup } from "../../lib/plan/plan-vm-backup.ts";
import type { PartialBackup } from "../../lib/store/partial-backup.ts";
import {
  buildDisk,
  buildDomain,
  buildDomainXml,
  buildHostFacts,
  buildVmFacts,
} from "../support/build-vm-facts.ts";

const host = { name: "kvm1", destination: "kvm1", uri: "qemu:///system" };

function planOf(facts = buildVmFacts()): VmBackupPlan {
  const options = { compress: false, maxBackups: 6, overlayDirectory: undefined, newName: undefined };
  const limits = { leaseSeconds: 120, overlayBudget: undefined, bandwidthLimit: 0 };
  return planVmBackup(
    { host, vm: facts, facts: buildHostFacts([facts]), wasRestored: false },
    { ...options, ...limits, quiesce: "auto", localQemuImg: "7.2.22" },
    { now: new Date(0), random: new Uint8Array(3), newUuid: "11111111-2222-4333-8444-555555555555" },
  );
}

describe("publishBackup()", () => {
  it("publishes nothing when the definition would still point at the original's images", async () => {
    const stray = buildDomain({ disks: [buildDisk(), buildDisk({ target: "vdb", path: "/stray" })] });
    const plan = planOf();
    const changed = { ...plan, facts: { ...plan.facts, inactiveXml: buildDomainXml(stray) } };
    const written: string[] = [];
    const partial: Partial<PartialBackup> = {
      finalPath: "/store/kvm1/web/now",
      writeText: async (fileName) => void written.push(fileName),
      publish: () => Promise.reject(new Error("This must not be published")),
    };
    const verified = { bootFiles: [], missing: [] } as unknown as VerifiedCopies;
    const overlay = { secondsOnOverlay: 1, overlayPeakBytes: 1 };
    const input = { verified, partial: partial as PartialBackup, seconds: {}, overlay };
    await assert.rejects(publishBackup(changed, input, {} as Ports), (error) => {
      assert.ok(error instanceof BackupError);
      const obstacle = { kind: "uncopied-path", target: "vdb", path: "/stray" };
      assert.deepEqual(error.reason, { kind: "vm-obstacle", host: "kvm1", vm: "web", obstacle });
      return true;
    });
    assert.deepEqual(written, [plan.fileNames.originalXml]);
  });
});

describe("plannedDegradations()", () => {
  it("tells what the backup will be without, not what is only worth knowing", () => {
    const lost: readonly PlanWarning[] = [
      { kind: "external-snapshot", name: "x" },
      { kind: "tpm-state", why: "own-place" },
      { kind: "tpm-secret", name: "5ec" },
      { kind: "network-nvram" },
    ];
    const known: readonly PlanWarning[] = [
      { kind: "managed-save" },
      { kind: "foreign-overlay", target: "vda", path: "/x" },
    ];
    const cdrom = { target: "sda", reason: "cdrom", path: undefined, losesData: false } as const;
    const shared = { target: "vdb", reason: "shareable", path: "/s", losesData: true } as const;
    const plan = { ...planOf(), warnings: [...known, ...lost], skippedDisks: [cdrom, shared] };
    assert.deepEqual(plannedDegradations(plan), [{ kind: "disk-skipped", disk: shared }, ...lost]);
  });
});
