// A small backup for tests: its draft and its files.

import { mkdtempSync, realpathSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import type { GoodBackup } from "../../lib/store/backup-entry.ts";
import type { BackupDraft } from "../../lib/store/draft.ts";
import { namedFiles } from "../../lib/store/find-contradiction.ts";
import { backupFolderName } from "../../lib/store/layout.ts";
import { nameFiles } from "../../lib/store/name-files.ts";
import type { BackupIdentity, PartialBackup } from "../../lib/store/partial-backup.ts";
import type { PublishedBackup } from "../../lib/store/publish-backup.ts";
import type { Store } from "../../lib/store/store.ts";

/** Names that have broken tools; every test of names takes all of them. */
export const awkwardNames: readonly string[] = [
  "plain",
  "mit Leerzeichen",
  `it's "quoted"`,
  "R&D <test>",
  "Käse-Straße ÄÖÜ",
  "e\u0301 and é",
  "..",
  ".",
  "",
  "../../etc/passwd",
  "/absolute",
  "back\\slash",
  "new\nline\rand\ttab",
  "nul\0byte",
  "latest",
  "LATEST",
  ".partial-20261123-012500-abcdef",
  ".deleting-x",
  "-rf",
  "100%",
  "%2F",
  "%empty",
  "%~",
  "trailing.",
  "trailing ",
  "2026-11-23-012500",
  "manifest.json",
  "right\u202Eleft",
  "half\uD800surrogate",
  "👩‍👩‍👧 family",
  "x".repeat(300),
  `${"x".repeat(299)}y`,
  "ü".repeat(200),
  "/".repeat(200),
];

export const sampleUuid = "4d1c6b1e-5a3f-4f1d-9f3e-0a1b2c3d4e5f";

/** A folder for the tests of one suite, removed after them; to be called in the body of `describe`. */
export function temporaryFolder(): string {
  // A link such as macOS's /tmp would make every path differ from the one the store resolves.
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), "virtfold-store-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface SampleOptions {
  readonly host?: string;
  readonly vm?: string;
  readonly uuid?: string;
  readonly startedAt?: string;
  readonly backupId?: string;
  readonly snapshots?: readonly string[];
  readonly degradedBy?: BackupDraft["degradedBy"];
}

let count = 0;

/** A draft with two disks, one of them on a backing file, snapshots and a variable store. */
export function sampleDraft(options: SampleOptions = {}): BackupDraft {
  count += 1;
  const { host = "kvm1", vm = "web", uuid = sampleUuid, snapshots = ["base", "Base"] } = options;
  const newName = `${vm}-restore`;
  const names = nameFiles({
    disks: [
      { target: "vda", formats: ["qcow2", "raw"] },
      { target: "vdb", formats: ["raw"] },
    ],
    newName,
    snapshots,
    bootFiles: [{ role: "nvram", path: "/var/lib/libvirt/qemu/nvram/web_VARS.fd" }],
  });
  const images = names.disks.map((disk) =>
    disk.map((fileName) => ({
      fileName,
      format: fileName.endsWith("raw") ? ("raw" as const) : ("qcow2" as const),
      sourcePath: `/images/${fileName}`,
    })),
  );
  const disk = (target: string, index: number): BackupDraft["disks"][number] => ({
    target,
    format: index === 0 ? "qcow2" : "raw",
    virtualBytes: 10 * 1024 ** 3,
    source: { path: `/images/${target}`, kind: "file" },
    copyMethod: "rsync-direct",
    compression: "none",
    layers: images[index]!,
  });
  return {
    tool: { name: "virtfold", version: "0.1.0" },
    backupId: options.backupId ?? `20261123-012500-${count.toString(16).padStart(6, "0")}`,
    startedAt: options.startedAt ?? "2026-11-23T01:25:00.000Z",
    host: { name: host, versions: { libvirt: "9.0.0", qemu: "7.2.22", qemuImg: "7.2.22", rsync: undefined } },
    vm: { name: vm, uuid, stateAtBackup: "running" },
    consistency: "crash",
    whyNotFilesystem: "no guest agent",
    newName,
    newUuid: "11111111-2222-4333-8444-555555555555",
    disks: [disk("vda", 0), disk("vdb", 1)],
    skippedDisks: [{ target: "sda", reason: "cdrom", path: undefined, losesData: false }],
    bootFiles: [
      {
        ...{ role: "nvram", fileName: names.bootFiles[0]! },
        sourcePath: "/var/lib/libvirt/qemu/nvram/web_VARS.fd",
        access: { user: "libvirt-qemu", group: "kvm", mode: "0600" },
      },
    ],
    snapshots: {
      current: snapshots.at(-1),
      order: snapshots.map((name, index) => ({
        name,
        parent: snapshots[index - 1],
        fileName: names.snapshots[index]!,
        internalTargets: ["vda"],
      })),
    },
    files: { originalXml: { fileName: names.originalXml }, patchedXml: { fileName: names.patchedXml } },
    secondsOnOverlay: 12.5,
    secondsByStep: { "inspect-vm": 0.4, "copy-disks": 11 },
    warnings: [{ kind: "managed-save" }],
    degradedBy: options.degradedBy ?? [],
  };
}

/** What beginBackup needs for a draft. */
export function identityOf(draft: BackupDraft): BackupIdentity {
  const folderName = backupFolderName(new Date(draft.startedAt));
  return { host: draft.host.name, vm: draft.vm.name, backupId: draft.backupId, folderName };
}

/** Writes every file of the draft; disks as a copier would, texts through the partial backup. */
export async function writeSampleFiles(partial: PartialBackup, draft: BackupDraft): Promise<void> {
  for (const { fileName } of namedFiles(draft)) {
    if (fileName.endsWith(".xml")) await partial.writeText(fileName, `<domain file='${fileName.length}'/>\n`);
    else await writeFile(partial.path(fileName), Buffer.alloc(10_000 + fileName.length, fileName));
  }
  await partial.writeText("backup.log", "2026-11-23T01:25:00Z began\n");
}

export const later = (): Date => new Date("2026-11-23T01:26:00.000Z");

/** Begins, writes and publishes one backup. */
export async function publishSample(store: Store, options: SampleOptions = {}): Promise<PublishedBackup> {
  const draft = sampleDraft(options);
  const partial = await store.beginBackup(identityOf(draft));
  await writeSampleFiles(partial, draft);
  return partial.publish(draft, { now: later });
}

/** The good backups of a listing. */
export async function goodBackups(store: Store, host?: string, vm?: string): Promise<readonly GoodBackup[]> {
  const entries = await store.listBackups(host, vm);
  return entries.filter((entry): entry is GoodBackup => entry.kind === "good");
}
