// What was found, as text for 80 columns: for each place what is as it should be in short, then the rest with what to do,
// the worst first; then a line that counts.

import {
  severities,
  type Examination,
  type FindingPlace,
  type Finding,
  type Judgement,
  type Severity,
} from "../model/finding.ts";
import { describeFinding } from "./describe-finding.ts";
import { harmless, quoted } from "./wording.ts";
import { wrapText } from "./wrap-text.ts";

/** How much of it. */
export interface ExaminationTextOptions {
  /** Also what is as it should be, at length. */
  readonly isVerbose: boolean;
}

const columns = 80;
const indent = " ".repeat(11);

/** The findings as text. */
export function examinationText(examination: Examination, options: ExaminationTextOptions): string {
  const { judgements, hosts } = examination;
  const here = judgements.filter(({ place }) => place.kind === "here");
  const sections: readonly (readonly [title: string, judgements: readonly Judgement[]])[] = [
    ...(here.length === 0 ? [] : [["This machine", here] as const]),
    ...[
      ...new Set([...hosts, ...judgements.flatMap(({ place }) => ("host" in place ? [place.host] : []))]),
    ].map(
      (host) =>
        [harmless(host), judgements.filter(({ place }) => "host" in place && place.host === host)] as const,
    ),
    ...(examination.store === undefined
      ? []
      : [
          [
            `Store ${quoted(examination.store)}`,
            judgements.filter(({ place }) => place.kind === "store"),
          ] as const,
        ]),
  ];
  const lines = sections.flatMap(([title, own]) =>
    own.length === 0
      ? [`${title}: not looked at`, ""]
      : [`${title}: ${countSeverities(own)}`, ...sectionLines(own, options), ""],
  );
  return [...lines, ...wrapText(countLine(examination), columns)].join("\n");
}

/** `2 problems, 1 warning`, or `all well`. */
export function countSeverities(judgements: readonly Judgement[]): string {
  const counts = severities
    .filter((severity) => severity !== "ok")
    .toReversed()
    .map((severity) => counted(judgements, severity))
    .filter((text) => text !== "");
  return counts.length === 0 ? "all well" : counts.join(", ");
}

function counted(judgements: readonly Judgement[], wanted: Severity): string {
  const { length } = judgements.filter(({ severity }) => severity === wanted);
  return length === 0 ? "" : `${length} ${wanted}${length === 1 ? "" : "s"}`;
}

function sectionLines(
  judgements: readonly Judgement[],
  { isVerbose }: ExaminationTextOptions,
): readonly string[] {
  const good = judgements.filter(({ severity }) => severity === "ok");
  const others = judgements
    .filter(({ severity }) => severity !== "ok")
    .toSorted((one, other) => severities.indexOf(other.severity) - severities.indexOf(one.severity));
  return [...(isVerbose ? good.flatMap(findingLines) : goodLines(good)), ...others.flatMap(findingLines)];
}

/** What is as it should be, in a few words each; VMs by their names. */
function goodLines(judgements: readonly Judgement[]): readonly string[] {
  const checks = judgements.flatMap(({ finding }) => shortWords[finding.kind] ?? []);
  const vms = judgements.flatMap(({ place, finding }) =>
    finding.kind === "vm-ready" && place.kind === "vm" ? [harmless(place.vm)] : [],
  );
  return [
    ...(checks.length === 0 ? [] : entry("ok", checks.join(", "))),
    ...(vms.length === 0 ? [] : entry("ok", `can be backed up: ${vms.join(", ")}`)),
  ];
}

/** Findings without a word here are told of at length only. */
const shortWords: { readonly [Kind in Finding["kind"]]?: string } = {
  "tools-here": "ssh, rsync, qemu-img",
  reached: "host key, login",
  "data-path": "rsync",
  versions: "libvirt, QEMU",
  "guard-folder": "guard's folder",
  "store-open": "can be written to",
};

function findingLines(judgement: Judgement): readonly string[] {
  const { text, remedy, commands } = describeFinding(judgement);
  const sentence = remedy === "" ? text : `${text}. ${remedy}`;
  return [
    ...entry(
      judgement.severity,
      `${placeName(judgement.place)}${sentence}${commands.length === 0 ? "" : ":"}`,
    ),
    // Not broken, so that they can be copied.
    ...commands.map((command) => `${indent}${command}`),
  ];
}

function placeName(place: FindingPlace): string {
  return place.kind === "vm" ? `${harmless(place.vm)}: ` : "";
}

function entry(severity: Severity, text: string): readonly string[] {
  const [first = "", ...more] = wrapText(text, columns - indent.length);
  return [`  ${severity.padEnd(indent.length - 2)}${first}`, ...more.map((line) => `${indent}${line}`)];
}

function countLine({ judgements, hosts, isComplete, store }: Examination): string {
  const asked = hosts.length === 0 ? [] : [hosts.length === 1 ? "1 host" : `${hosts.length} hosts`];
  const people = judgements.filter(({ needsPerson }) => needsPerson).length;
  return [
    `${[...asked, ...(store === undefined ? [] : ["the store"])].join(" and ")}: ${countSeverities(judgements)}`,
    ...(people === 0 ? [] : [`${people} ${people === 1 ? "needs" : "need"} a person`]),
    ...(isComplete ? [] : ["interrupted: not every host was asked"]),
    "nothing was changed",
  ].join(", ");
}
