import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FailureReason, VmObstacle } from "../../lib/model/failure.ts";
import { restoreCauses, type RestoreCause } from "../../lib/model/guard.ts";
import { describeFailure, failureLine } from "../../lib/report/describe-failure.ts";

const host = "kvm1";
const vm = `Ümläut & <Söhne> "it's"`;

/** One of each kind; the compiler asks for every member. */
const obstacles: { readonly [Kind in VmObstacle["kind"]]: Extract<VmObstacle, { kind: Kind }> } = {
  "no-disk": { kind: "no-disk" },
  "transient-domain": { kind: "transient-domain" },
  "unusable-state": { kind: "unusable-state", state: "crashed", stateReason: "panicked" },
  "migrated-away": { kind: "migrated-away" },
  checkpoints: { kind: "checkpoints", names: ["one", "two"] },
  "active-job": { kind: "active-job", target: "vda" },
  "own-overlay": {
    kind: "own-overlay",
    target: "vda",
    path: "/i/vda.virtfold-x.qcow2",
    backupId: "x",
  },
  "definition-differs": { kind: "definition-differs", target: "vda", live: "/a", inactive: "/b" },
  "shared-base": { kind: "shared-base", target: "vda", path: "/base", users: ["clone"] },
  "chain-too-deep": { kind: "chain-too-deep", target: "vda", layers: 50, limit: 40 },
  "external-data-file": { kind: "external-data-file", target: "vda", path: "/a" },
  "unreadable-image": { kind: "unreadable-image", target: "vda", path: "/a", detail: "Permission denied" },
  "unusable-path": { kind: "unusable-path", path: "/a\nb" },
  "uncopied-path": { kind: "uncopied-path", target: "vda", path: "/below" },
  "snapshot-not-in-image": { kind: "snapshot-not-in-image", target: "vda", snapshot: 'a"b' },
  "no-overlay-folder": { kind: "no-overlay-folder", directory: "/i" },
  "no-overlay-space": { kind: "no-overlay-space", directory: "/i", freeBytes: 10, neededBytes: 2 ** 30 },
  "agent-required": { kind: "agent-required" },
};

const reasons: { readonly [Kind in FailureReason["kind"]]: Extract<FailureReason, { kind: Kind }> } = {
  "host-unknown-key": {
    kind: "host-unknown-key",
    host,
    fingerprint: "SHA256:x",
    command: "ssh-keyscan kvm1 >> f",
  },
  "host-key-changed": {
    kind: "host-key-changed",
    host,
    fingerprint: "SHA256:x",
    files: ["/k"],
    command: "ssh-keygen -R kvm1",
  },
  "host-key-revoked": { kind: "host-key-revoked", host, fingerprint: "SHA256:x" },
  "host-key-authority": {
    kind: "host-key-authority",
    host,
    fingerprint: "SHA256:x",
    command: "ssh kvm1 true",
  },
  "host-unreachable": {
    kind: "host-unreachable",
    host,
    detail: "connection refused",
    command: "ssh kvm1 true",
  },
  "login-refused": {
    kind: "login-refused",
    host,
    user: "root",
    tried: ["/k/id"],
    certificates: [],
    command: "ssh kvm1 true",
  },
  "sudo-refused": { kind: "sudo-refused", host, detail: "a password is required" },
  "ssh-configuration": { kind: "ssh-configuration", host, detail: "unknown token" },
  "connection-lost": { kind: "connection-lost", host, detail: "reset" },
  "tool-missing": { kind: "tool-missing", where: host, tool: "rsync" },
  "libvirt-unreachable": { kind: "libvirt-unreachable", host, uri: "qemu:///system", detail: "no socket" },
  "command-failed": { kind: "command-failed", host, command: "virsh list", code: 1, detail: "no" },
  "unexpected-answer": { kind: "unexpected-answer", host, command: "virsh list", detail: "no" },
  "vm-not-found": { kind: "vm-not-found", host, vm, known: ["web"] },
  "vm-obstacle": { kind: "vm-obstacle", host, vm, obstacle: obstacles["no-disk"] },
  "vm-unreadable": { kind: "vm-unreadable", host, vm, detail: "no" },
  "vm-changed": { kind: "vm-changed", vm, what: "it was started" },
  "vm-started-while-copied": { kind: "vm-started-while-copied", vm, state: "running" },
  "source-changed": { kind: "source-changed", vm, target: "vda", path: "/a" },
  "guard-held": { kind: "guard-held", host, vm, backupId: "x", since: "y", controller: "me@there pid 1" },
  "guard-stuck": {
    kind: "guard-stuck",
    host,
    vm,
    backupId: "20261123-012500-a1b2c3",
    left: [{ action: "fold-overlay", detail: "no" }],
    command: "sh /x/guard.sh restore",
  },
  "lease-lost": { kind: "lease-lost", host, vm, seconds: 120, detail: "Keepalive timeout" },
  "host-restored-itself": { kind: "host-restored-itself", host, vm, cause: "budget", detail: "too big" },
  "guard-failed": { kind: "guard-failed", host, vm, detail: "no flock" },
  "snapshot-failed": { kind: "snapshot-failed", host, vm, detail: "no" },
  "snapshot-incomplete": { kind: "snapshot-incomplete", vm, targets: ["vdb"], stays: [] },
  "quiesce-failed": { kind: "quiesce-failed", vm, detail: "no", milder: "auto" },
  "host-left-changed": { kind: "host-left-changed", host, vm },
  "copy-failed": { kind: "copy-failed", vm, target: "vda", path: "/a", code: 12, detail: "no" },
  "copy-unreadable": { kind: "copy-unreadable", vm, path: "/a", detail: "Permission denied" },
  "copy-damaged": { kind: "copy-damaged", vm, fileName: "vda.qcow2", detail: "refcount" },
  "snapshot-not-in-copy": { kind: "snapshot-not-in-copy", vm, target: "vda", snapshot: "zeta base" },
  "store-missing": { kind: "store-missing", store: "/s" },
  "store-not-writable": { kind: "store-not-writable", store: "/s", detail: "EROFS" },
  "store-full": { kind: "store-full", store: "/s", neededBytes: 3 * 2 ** 30, freeBytes: 2 ** 30 },
  "store-conflict": { kind: "store-conflict", path: "/s/x" },
  "store-held": {
    kind: "store-held",
    store: "/s",
    lock: "/s/.virtfold/lock",
    state: "unknown",
    holder: { user: "me", machine: "jump", pid: 7 },
    since: "2026-11-23T01:25:00.000Z",
  },
  "backup-claimed": {
    kind: "backup-claimed",
    path: "/s/kvm1/web/2026-11-23-012500",
    by: "reading",
    state: "unknown",
    note: "/s/kvm1/web/.reading-2026-11-23-012500-0123456789abcdef.json",
    holder: { user: "root", machine: "jump", pid: 1 },
  },
  "store-entry-bad": { kind: "store-entry-bad", path: "/s/x", detail: "no" },
  usage: { kind: "usage", detail: "No target given", hint: "Run virtfold backup --help" },
  "inventory-bad": {
    kind: "inventory-bad",
    problems: [
      { file: "hosts/i.yaml", line: 3, trouble: { kind: "bad-name", what: "host", name: "-o\nERROR: x" } },
      { file: "hosts/gen", line: undefined, trouble: { kind: "unreadable", detail: "no JSON" } },
    ],
  },
  "no-vm-matches": { kind: "no-vm-matches", target: "rack1/web*", hosts: [host], known: [vm] },
  "hook-failed": { kind: "hook-failed", program: "/h", moment: "before-vm", detail: "exit code 1: no" },
  "backup-not-found": {
    ...{ kind: "backup-not-found", target: "kvm1/web", store: "/s/kvm1/web", known: ["2026-11-23-012500"] },
    broken: undefined,
  },
  "newest-damaged": {
    ...{ kind: "newest-damaged", target: "kvm1/web", folderName: "2026-11-23-012500" },
    ...{ verifiedAt: "2026-11-24T03:00:00.000Z", older: "2026-11-22-012500" },
  },
  "newest-from-the-future": {
    ...{ kind: "newest-from-the-future", target: "kvm1/web", folderName: "2027-11-23-012500" },
    ...{ now: "2026-11-24T03:00:00.000Z", older: "2026-11-22-012500" },
  },
  "backup-unusable": { kind: "backup-unusable", path: "/s/kvm1/web/x", detail: "original.xml is another's" },
  "restore-misfit": { kind: "restore-misfit", host, vm, misfits: [{ kind: "name-taken", name: vm }] },
  "push-failed": { kind: "push-failed", host, path: "/i/web", code: 23, detail: "Permission denied" },
  "device-failed": { kind: "device-failed", host, path: "/dev/vg/web", code: 8, detail: "No space left" },
  "host-full": { kind: "host-full", host, path: "/i/web" },
  "arrived-damaged": { kind: "arrived-damaged", host, path: "/i/web", isDamagedInStore: false },
  "image-refused": { kind: "image-refused", host, path: "/s/vda.qcow2", detail: "Unknown feature" },
  "define-failed": { kind: "define-failed", host, vm, snapshot: undefined, detail: "XML error" },
  "restore-unknown": { kind: "restore-unknown", host, vm, detail: "timeout" },
  "drill-impossible": { kind: "drill-impossible", vm: "web", why: "no-agent" },
  interrupted: { kind: "interrupted", signal: "SIGINT" },
};

const all: readonly FailureReason[] = [
  ...Object.values(reasons),
  ...Object.values(obstacles).map((obstacle): FailureReason => ({ kind: "vm-obstacle", host, vm, obstacle })),
];

describe("describeFailure()", () => {
  for (const reason of all) {
    const name = reason.kind === "vm-obstacle" ? `${reason.kind} ${reason.obstacle.kind}` : reason.kind;
    it(`says one sentence for ${name}`, () => {
      const text = describeFailure(reason);
      assert.match(text, /^[A-Z]/, "begins upper case");
      assert.doesNotMatch(text, /undefined|\[object|\.$/, text);
      // Each problem of an inventory has a line of its own.
      const line = reason.kind === "inventory-bad" ? text.replaceAll("\n  hosts/", " ") : text;
      assert.equal(/\p{Cc}/u.exec(line), null, "no control characters");
      assert.ok(text.length > 15 && text.length < 900, text);
    });
  }

  it("keeps a host from forging lines and moving the cursor", () => {
    const text = describeFailure({
      kind: "snapshot-failed",
      host,
      vm,
      detail: "x\n\u001b[2JERROR: all is well\r\u202etxt",
    });
    assert.equal(/[\p{Cc}\p{Cf}]/u.exec(text), null);
  });

  it("quotes names for a shell where it names a command to run", () => {
    const text = describeFailure({ kind: "vm-obstacle", host, vm, obstacle: { kind: "no-disk" } });
    assert.ok(text.includes(`virsh domblklist --details 'Ümläut & <Söhne> "it'\\''s"'`), text);
  });

  it("advises by why a host restored itself", () => {
    const advice: Readonly<Record<RestoreCause, RegExp>> = {
      asked: /somebody asked it to\. Run the backup again$/,
      again: /somebody asked it to\. Run the backup again$/,
      recover: /somebody asked it to\. Run the backup again$/,
      lease: /because too big\. Check the network .*--lease$/,
      boot: /because too big\. Run the backup again$/,
      budget: /because too big\. .*--overlay-budget$/,
      space: /because too big\. .*--overlay-dir$/,
    };
    for (const cause of restoreCauses)
      assert.match(describeFailure({ ...reasons["host-restored-itself"], cause }), advice[cause]);
  });

  it("says how much space is needed and free", () => {
    assert.match(describeFailure(reasons["store-full"]), /needs 3\.0 GiB and 1\.0 GiB are free/);
  });
});

describe("failureLine()", () => {
  it("names the host once", () => {
    assert.match(failureLine(host, reasons["source-changed"]), /^kvm1: /);
    assert.doesNotMatch(failureLine(host, reasons["connection-lost"]), /^kvm1: /);
  });
});
