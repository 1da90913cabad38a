import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import {
  canarySteps,
  knownBugs,
  type Examination,
  type Finding,
  type Judgement,
} from "../../lib/model/finding.ts";
import { examinationDocument } from "../../lib/report/examination-document.ts";
import { examinationJsonSchema } from "../../lib/report/examination-schema.ts";
import { examinationText } from "../../lib/report/examination-text.ts";
import { wrapText } from "../../lib/report/wrap-text.ts";
import { schemaTroubles } from "../e2e/support/json-schema.ts";
import { buildGuardFacts } from "../support/build-guard-facts.ts";
import { buildVmFacts } from "../support/build-vm-facts.ts";

const name = `Ümläut & <Söhne> "it's"\n\u202e`;
const versions = { libvirt: "9.0.0", qemu: undefined, qemuImg: "7.2\u001b[2J", rsync: "3.2.7" };
const secret = "s3cret-passw0rd";
const vm = buildVmFacts({ inactiveXml: `<graphics passwd='${secret}'/>` });
const left = [{ action: "fold-overlay", detail: `vda: x\u001b[2J` }];
const lock = { path: "/store/it's", state: "unknown", holder: undefined, since: undefined } as const;

/** One of each kind, and of what is worded differently in itself. */
const findings: readonly Finding[] = [
  { kind: "tools-here", versions },
  {
    kind: "failed",
    reason: { kind: "host-unreachable", host: name, detail: "gone", command: "ssh -- kvm1 true" },
  },
  {
    kind: "failed",
    reason: { kind: "libvirt-unreachable", host: name, uri: "qemu:///system", detail: "no" },
  },
  { kind: "reached", user: name, isRoot: false, sudo: false },
  { kind: "data-path", isOpen: true, detail: "" },
  { kind: "data-path", isOpen: false, detail: "sudo: a password is required" },
  { kind: "tools-missing", tools: [name] },
  { kind: "versions", versions },
  ...knownBugs.map((bug): Finding => ({ kind: "known-bug", bug, version: "1\u001b[2J" })),
  { kind: "guard-folder", folder: name, trouble: undefined, freeBytes: undefined },
  { kind: "guard-folder", folder: name, trouble: "no room", freeBytes: 1 },
  { kind: "session-ends", user: name },
  { kind: "confinement", models: ["selinux", "dac\u001b[2J"], selinux: "permissive" },
  { kind: "canary", left: [], command: "", seconds: 2.1 },
  ...canarySteps.map((step): Finding => ({
    ...{ kind: "canary", step, detail: "\u001b[2Jdenied", left: [], command: "", seconds: 1 },
  })),
  { kind: "canary", step: "commit-overlay", detail: "", left, command: "sh /x/guard.sh restore", seconds: 1 },
  { kind: "vms-found", vms: 2, leftOut: [name] },
  { kind: "left-over", recovery: { kind: "held", guard: buildGuardFacts({ controller: name }) } },
  {
    kind: "left-over",
    recovery: { kind: "restore", guard: buildGuardFacts({ state: "stuck", troubles: left }) },
  },
  {
    kind: "left-over",
    recovery: { kind: "adopt", vm, backupId: "1", overlays: [], isInUse: true, thawsGuest: false },
  },
  { kind: "left-over", recovery: { kind: "paused-guest", vm } },
  { kind: "vm-ready", disks: 2 },
  { kind: "obstacle", obstacle: { kind: "checkpoints", names: [name] } },
  { kind: "degraded", degradation: { kind: "tpm-state", why: "own-place" } },
  { kind: "vm-warning", warning: { kind: "managed-save" } },
  { kind: "vm-warning", warning: { kind: "foreign-overlay", target: "vda", path: name } },
  ...(["answers", "silent", "not-connected", "no-channel"] as const).map((state): Finding => ({
    kind: "agent",
    state,
  })),
  { kind: "unreadable-files", paths: [name] },
  { kind: "closed-folder", directory: name },
  { kind: "store-open", freeBytes: 2 ** 40, backups: 1 },
  { kind: "store-small", freeBytes: 1, neededBytes: 2 },
  { kind: "store-lock", lock },
  { kind: "store-lock", lock: { ...lock, state: "dead", holder: { user: name, machine: "x", pid: 1 } } },
  { kind: "store-leftover", path: name, fate: "dead" },
  { kind: "store-leftover", path: name, fate: "not-ours" },
  { kind: "store-entry", path: name, isBackup: true },
  { kind: "store-entry", path: name, isBackup: false },
];
const placeOf = ({ kind }: Finding): Judgement["place"] => {
  if (kind.startsWith("store-")) return { kind: "store", store: "/store" };
  if (kind === "tools-here") return { kind: "here" };
  return ["obstacle", "agent", "vm-ready", "left-over"].includes(kind)
    ? { kind: "vm", host: name, vm: name }
    : { kind: "host", host: name };
};
const everything: Examination = {
  judgements: findings.map((finding) => ({
    ...{ finding, place: placeOf(finding), needsPerson: finding.kind === "left-over" },
    severity: finding.kind === "failed" ? "problem" : "note",
  })),
  ...{ hosts: [name, "kvm2"], store: "/store", isComplete: false },
};

describe("examinationText()", () => {
  const text = examinationText(everything, { isVerbose: false });

  it("lets nothing of what hosts say act on the terminal", () => {
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it("keeps to 80 columns, but for commands and words that have no blank", () => {
    const long = text.split("\n").filter((line) => [...line].length > 80);
    for (const line of long) assert.match(line, /^ {11}\S/);
    assert.ok(
      long.every((line) => /^ {11}(npx|virsh|ssh|loginctl|rm|ls) /.test(line)),
      long.join("\n"),
    );
  });

  it("puts a command on a line of its own, also one that ends a failure's sentence", () => {
    assert.match(text, /: gone\. Try:\n {11}ssh -- kvm1 true$/m);
    assert.match(text, /lock:\n {11}rm -r '\/store\/it'\\''s'$/m);
  });

  it("says of each place what is wrong, the worst first, and what was not looked at", () => {
    assert.match(text, /^Ümläut & <Söhne> "it's": 2 problems, \d+ notes\n {2}problem {2}Cannot/m);
    assert.match(text, /^kvm2: not looked at$/m);
    const [last = ""] = /^2 hosts and the store: [^]*$/m.exec(text) ?? [];
    assert.match(last.replaceAll("\n", " "), / 4 need a person, interrupted: .*, nothing was changed$/);
  });

  it("says in a few words what is as it should be, and at length when that is wanted", () => {
    const ok = (finding: Finding, place: Judgement["place"]): Judgement => ({
      ...{ finding, place, severity: "ok", needsPerson: false },
    });
    const host = { kind: "host", host: "kvm1" } as const;
    const good: Examination = {
      judgements: [
        ok({ kind: "reached", user: "root", isRoot: true, sudo: false }, host),
        ok({ kind: "versions", versions }, host),
        ok({ kind: "vm-ready", disks: 1 }, { kind: "vm", host: "kvm1", vm: "web" }),
        ok({ kind: "agent", state: "answers" }, { kind: "vm", host: "kvm1", vm: "web" }),
      ],
      ...{ hosts: ["kvm1"], store: undefined, isComplete: true },
    };
    assert.equal(
      examinationText(good, { isVerbose: false }),
      [
        "kvm1: all well",
        "  ok       host key, login, libvirt, QEMU",
        "  ok       can be backed up: web",
        "",
        "1 host: all well, nothing was changed",
      ].join("\n"),
    );
    assert.match(examinationText(good, { isVerbose: true }), /^ {2}ok {7}web: its guest agent answers$/m);
  });
});

describe("examinationDocument()", () => {
  const document = examinationDocument(everything);

  it("is what schema/doctor.schema.json says (else run test/report/regenerate-doctor-schema.ts)", async () => {
    const published = JSON.parse(
      await readFile(new URL("../../schema/doctor.schema.json", import.meta.url), "utf8"),
    ) as unknown;
    assert.deepEqual(published, JSON.parse(JSON.stringify(examinationJsonSchema())));
    assert.deepEqual(schemaTroubles(published, JSON.parse(document)), []);
    assert.notDeepEqual(schemaTroubles(published, { version: 1, isComplete: true, hosts: [] }), []);
  });

  it("holds every finding, and nothing of a definition", () => {
    const { findings: told } = JSON.parse(document) as { findings: { kind: string; text: string }[] };
    assert.deepEqual(
      told.map(({ kind }) => kind),
      findings.map(({ kind }) => kind),
    );
    for (const { kind, text } of told) assert.ok(text.length > 10, kind);
    assert.doesNotMatch(document, new RegExp(secret));
  });
});

describe("wrapText()", () => {
  it("breaks at blanks only, and counts characters", () => {
    assert.deepEqual(wrapText("äöü äöü äöü", 7), ["äöü äöü", "äöü"]);
    assert.deepEqual(wrapText("a verylongword b", 5), ["a", "verylongword", "b"]);
    assert.deepEqual(wrapText("", 5), [""]);
  });
});
