// Whatever lies in a backup's folder: what reads it refuses with a reason, or plans what stays inside the two folders that a
// restore is about. Bounded and with fixed seeds, so that it finds the same on every machine.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import { attributeOf, childOf, textOf } from "../../lib/hypervisor/read-xml.ts";
import { parseXml } from "../../lib/hypervisor/xml-document.ts";
import type { XmlElement } from "../../lib/hypervisor/xml-element.ts";
import { XmlError } from "../../lib/hypervisor/xml-error.ts";
import { BackupError } from "../../lib/model/failure.ts";
import type { RestorePlan } from "../../lib/model/restore.ts";
import { planRestore } from "../../lib/plan/plan-restore.ts";
import { readStoredVm } from "../../lib/restore/read-stored-vm.ts";
import type { GoodBackup, StoreEntry } from "../../lib/store/backup-entry.ts";
import { listBackups } from "../../lib/store/list-backups.ts";
import { openStore } from "../../lib/store/store.ts";
import { describeFailure } from "../../lib/report/describe-failure.ts";
import { temporaryFolder } from "../store/sample-backup.ts";
import { buildTargetFacts, restoreAsked } from "../support/build-stored-vm.ts";
import { numbersFrom } from "../support/numbers-from.ts";
import { publishSound, rememberedImages, skipWithoutQemuImg } from "../verify/sound-backup.ts";

const secret = "what nobody may read";

const values: readonly unknown[] = [
  ...[
    "",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../b",
    "vda.qcow2",
    "%2e%2e%2f",
    "a\nb",
    "a\0b",
    "-rf",
    "~",
  ],
  ...["$(reboot)", "`id`", "'", '"', "&amp;", "]]>", "\ud800", "x".repeat(5000), "\u202Etxt.exe", "web", " "],
  ...[null, true, -1, 0, 1, 1.5, 2 ** 53, 1e300, [], {}, ["../x"], { fileName: "../x" }],
];

const insertions: readonly string[] = [
  '<!DOCTYPE domain [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
  '<!DOCTYPE domain SYSTEM "file:///etc/passwd">',
  ...[
    "&b;",
    "&#0;",
    "&#x110000;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "\0",
    "<",
    ">",
    "'",
    '"',
    "</devices>",
    "<?xml?>",
  ],
  "<os><kernel>/etc/shadow</kernel><initrd>../x</initrd><nvram>/etc/shadow</nvram></os>",
  "<disk type='file' device='disk'><source file='/etc/shadow'/><target dev='vdz'/></disk>",
  "<disk type='block' device='disk'><source dev='/dev/sda'/><target dev='vda'/></disk>",
  "<backingStore type='file'><format type='raw'/><source file='/etc/shadow'/></backingStore>",
  "<mirror type='file' file='/etc/shadow'><source file='/etc/shadow'/></mirror>",
  "<serial type='file'><source path='/etc/cron.d/x'/></serial><serial type='dev'><source path='/dev/mem'/></serial>",
  "<channel type='unix'><source mode='bind' path='/etc/x'/></channel><filesystem type='mount'><source dir='/'/><target dir='x'/></filesystem>",
  "<name>other</name>",
  "<uuid>00000000-0000-0000-0000-000000000000</uuid>",
  "<name>../../x</name>",
  "<a>".repeat(2000),
];

describe("a backup that anybody may have written", { skip: skipWithoutQemuImg }, () => {
  const folder = temporaryFolder();
  const sound = path.join(folder, "sound");
  const outside = path.join(folder, "outside");
  let images: ReturnType<typeof rememberedImages>;
  let relative: string;

  before(async () => {
    mkdirSync(sound);
    mkdirSync(outside);
    writeFileSync(path.join(outside, "secret"), secret);
    const published = await publishSound(await openStore(sound));
    relative = path.relative(sound, published.path);
  });

  /** The store with one thing in it changed; what it is. */
  function disturb(store: string, next: (below: number) => number): string {
    cpSync(sound, store, { recursive: true });
    const at = (name: string): string => path.join(store, relative, name);
    const manifest = JSON.parse(readFileSync(at("manifest.json"), "utf8")) as unknown;
    const texts = fileNamesIn(manifest).filter((name) => name.endsWith(".xml"));
    const pick = <T>(from: readonly T[]): T => from[next(from.length)]!;
    const write = (): void => writeFileSync(at("manifest.json"), JSON.stringify(manifest));
    switch (next(4)) {
      case 0: {
        const places = leavesOf(manifest);
        const [place, value] = [pick(places), pick(values)];
        replaceLeaf(manifest, place, value);
        write();
        return `${place.join(".")} = ${JSON.stringify(value)?.slice(0, 80)}`;
      }
      case 1: {
        const [name, insertion] = [pick(texts), pick(insertions)];
        const text = readFileSync(at(name), "utf8");
        const position = pick([...text.matchAll(/[<>]/g)].map(({ index }) => index + next(2)));
        const changed = text.slice(0, position) + insertion + text.slice(position);
        writeFileSync(at(name), changed);
        // Its author knows what a checksum is.
        describeFile(manifest, name, changed);
        write();
        return `${insertion.slice(0, 80)} at ${position} of ${name}`;
      }
      case 2: {
        const name = pick([...fileNamesIn(manifest), "manifest.json", "SHA256SUMS"]);
        rmSync(at(name), { force: true });
        const kind = next(3);
        if (kind === 0) symlinkSync(path.join(outside, "secret"), at(name));
        else if (kind === 1) mkdirSync(at(name));
        return `${name} is ${["a link", "a folder", "gone"][kind]}`;
      }
      default: {
        const name = pick(fileNamesIn(manifest));
        truncateSync(at(name), next(100_000));
        return `${name} has another length`;
      }
    }
  }

  it("is refused with a reason, or leads nowhere outside its folder and the VM's", async () => {
    let planned = 0;
    let refused = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const store = path.join(folder, `store${seed}`);
      const what = `seed ${seed}: ${disturb(store, numbersFrom(seed))}`;
      try {
        images = rememberedImages(path.join(store, relative));
        const outcome = await restoreFrom(await listBackups(store));
        if (outcome === "refused") refused += 1;
        else {
          planned += 1;
          assertInside(outcome, path.join(store, relative));
        }
      } catch (error) {
        throw new Error(`It goes wrong with ${what}: ${String(error)}`, { cause: error });
      }
      assert.equal(readFileSync(path.join(outside, "secret"), "utf8"), secret, what);
      rmSync(store, { recursive: true });
    }
    // Else it would have looked at one half of what it is about.
    assert.ok(planned > 8 && refused > 40, `${planned} planned, ${refused} refused`);
  });

  async function restoreFrom(entries: readonly StoreEntry[]): Promise<RestorePlan | "refused"> {
    const good = entries.find((entry): entry is GoodBackup => entry.kind === "good");
    if (good === undefined) return "refused";
    try {
      const stored = await readStoredVm(good, images);
      const facts = buildTargetFacts({ vms: [], paths: new Map([["/images", "folder"]]) });
      return planRestore(
        { host: restoreAsked.host, stored, facts },
        restoreAsked.options,
        restoreAsked.attempt,
      );
    } catch (error) {
      // The second is what `restore` makes the first of.
      if (error instanceof XmlError) return "refused";
      if (!(error instanceof BackupError)) throw error;
      assert.doesNotMatch(describeFailure(error.reason), /undefined|\[object|[\0\r]|what nobody may read/);
      return "refused";
    }
  }
});

/** Each file of the plan, and each path of the definition. */
function assertInside(plan: RestorePlan, backup: string): void {
  const isIn = (file: string, folder: string): boolean =>
    file.startsWith(`${folder}/`) && path.posix.normalize(file) === file;
  for (const file of plan.files) {
    assert.ok(isIn(file.localPath, backup), file.localPath);
    assert.ok(isIn(file.path, plan.folder.path), file.path);
    assert.ok(isIn(file.stagedPath, plan.folder.stagedPath), file.stagedPath);
  }
  assert.match(plan.folder.path, /^\/(?:images|var\/lib\/libvirt\/images)\/[^/]+$/);
  for (const text of [plan.definition, ...plan.snapshots.map(({ xml }) => xml)])
    for (const named of pathsIn(text)) assert.ok(isIn(named, plan.folder.path), `${named} in ${text}`);
}

/** Every path that libvirt would read from a definition, or from those in a snapshot's. */
function pathsIn(text: string): readonly string[] {
  const { root } = parseXml(text, /^\s*<domainsnapshot/.test(text) ? "domainsnapshot" : "domain");
  const domains =
    root.name === "domain" ? [root] : ["domain", "inactiveDomain"].map((name) => childOf(root, name));
  return domains.flatMap((domain) => [
    ...(childOf(domain, "devices")?.children ?? []).flatMap(devicePaths),
    ...["kernel", "initrd", "dtb", "nvram"].flatMap((name) => textOf(childOf(domain, "os", name)) ?? []),
  ]);
}

/** libvirt reads nothing of a device within a device, nor of what belongs elsewhere. */
const strangers = ["disk", "serial", "channel", "filesystem", "os", "a"];

function devicePaths(device: XmlElement): readonly string[] {
  const own = ["file", "dev", "dir", "path"].flatMap((name) => attributeOf(device, name) ?? []);
  const inner = device.children.filter(({ name }) => !strangers.includes(name));
  return [...own.filter((text) => text.startsWith("/")), ...inner.flatMap(devicePaths)];
}

type Place = readonly (string | number)[];

/** Where something is in a JSON document, branches too. */
function leavesOf(value: unknown, place: Place = []): readonly Place[] {
  if (typeof value !== "object" || value === null) return [place];
  return [
    ...(place.length === 0 ? [] : [place]),
    ...Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...place, key])),
  ];
}

function replaceLeaf(document: unknown, place: Place, value: unknown): void {
  const parent = place
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
  (parent as Record<string, unknown>)[place.at(-1)!] = value;
}

function fileNamesIn(manifest: unknown): readonly string[] {
  return leavesOf(manifest)
    .filter((place) => place.at(-1) === "fileName")
    .map((place) =>
      String(place.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], manifest)),
    );
}

/** Makes the manifest say of a file what is true of it now. */
function describeFile(manifest: unknown, fileName: string, text: string): void {
  for (const place of leavesOf(manifest)) {
    const found = place.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], manifest);
    if (typeof found !== "object" || (found as { fileName?: unknown }).fileName !== fileName) continue;
    const sha256 = createHash("sha256").update(text).digest("hex");
    Object.assign(found as object, { bytes: Buffer.byteLength(text), sha256 });
  }
}
