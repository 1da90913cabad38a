// What was found in the store → words.

import type { Finding, StoreLeftover } from "../model/finding.ts";
import { unreachable } from "../model/unreachable.ts";
import { commandLine } from "./command-line.ts";
import { findingWords, type FindingWords } from "./finding-words.ts";
import { formatBytes } from "./format.ts";
import { words } from "./wording.ts";

type StoreFinding = Extract<Finding, { kind: `store-${string}` }>;

/** The words for it. */
export function describeStoreFinding(finding: StoreFinding): FindingWords {
  switch (finding.kind) {
    case "store-open": {
      const { backups, freeBytes } = finding;
      const text = `It can be written to: ${formatBytes(freeBytes)} free, ${backups} backup${backups === 1 ? "" : "s"} in it`;
      return { text, remedy: "", commands: [] };
    }
    case "store-small": {
      const [free, needed] = [finding.freeBytes, finding.neededBytes].map(formatBytes);
      return findingWords(
        `It has ${free} free, and full copies of all VMs that were looked at take ${needed}`,
        { remedy: "Free some space there, or back up fewer VMs into it" },
      );
    }
    case "store-lock":
      return describeLock(finding);
    case "store-leftover":
      return describeLeftFolder(finding);
    case "store-entry":
      return {
        text: finding.isBackup
          ? words`${finding.path} is no whole backup, and never counts as one`
          : words`${finding.path} is nothing of ours, and is left alone`,
        remedy: finding.isBackup ? "What is wrong with it is shown by" : "",
        commands: finding.isBackup ? [commandLine("list")] : [],
      };
    default:
      return unreachable(finding);
  }
}

function describeLock({ lock }: Extract<StoreFinding, { kind: "store-lock" }>): FindingWords {
  const { path, state, holder, since } = lock;
  const who =
    holder === undefined
      ? "somebody whose lock does not say who it is"
      : words`${{ raw: `${holder.user}@${holder.machine} pid ${holder.pid}` }}, since ${{ raw: since ?? "an unknown time" }}`;
  switch (state) {
    case "alive":
      return findingWords(`A backup into it is under way: ${who}`);
    case "dead":
      return findingWords(`A dead backup still has its lock: ${who}; the next one takes it over`);
    case "unknown":
      return {
        text: `Nobody can tell from here whether its lock is held still: ${who}`,
        remedy: "If no backup into it runs on any machine, remove the lock",
        commands: [words`rm -r ${{ shell: path }}`],
      };
    default:
      return unreachable(state);
  }
}

const leftoverWords: { readonly [Fate in StoreLeftover]: string } = {
  dead: "was left by a backup that died; the next backup of that VM removes it",
  "in-use": "is being written by a backup that is at work",
  "unknown-owner": "is no whole backup, and it cannot be proved that the program that wrote it is dead",
  "not-ours": "has a name of ours, and what is in it is not what its name says",
  failed: "cannot be looked through",
};

function describeLeftFolder({ path, fate }: Extract<StoreFinding, { kind: "store-leftover" }>): FindingWords {
  const text = words`${path} ${{ whole: leftoverWords[fate] }}`;
  if (fate === "dead" || fate === "in-use") return { text, remedy: "", commands: [] };
  return { text, remedy: "Look at it", commands: [words`ls -la ${{ shell: path }}`] };
}
