// What backups left on a host, as it is found → what it is, and how it is put right.

import type { Recovery } from "../model/recovery.ts";
import { commandLine } from "./command-line.ts";
import { findingWords, type FindingWords } from "./finding-words.ts";
import { describeLeftover } from "./describe-leftover.ts";
import { describeRecovery, placeOf } from "./describe-recovery.ts";
import { harmless, words } from "./wording.ts";

const remedy = "Its next backup puts that right first, and so does at once";

/** The words for it. */
export function describeFoundLeftover(host: string, recovery: Recovery): FindingWords {
  const commands = [words`${{ whole: commandLine("recover") }} ${{ shell: host }}`];
  const what = harmless(describeLeftover(recovery), 1000);
  switch (recovery.kind) {
    case "held": {
      const { backupId, controller, since } = recovery.guard;
      const text = words`backup ${{ raw: backupId }} by ${{ raw: controller }} is at work on it since ${{ raw: since }}`;
      return findingWords(`${text}, or died a moment ago`);
    }
    case "restore": {
      const { troubles } = recovery.guard;
      const left = troubles
        .map(({ action, detail }) => `${harmless(action)}: ${harmless(detail)}`)
        .join("; ");
      return findingWords(`it is held by ${what}${left === "" ? "" : `: ${left}`}`, { remedy, commands });
    }
    case "adopt":
      return findingWords(what, { remedy, commands });
    default: {
      const item = { host, vm: recovery.vm?.name, recovery, outcome: { kind: "needs-person" } } as const;
      const place = `${placeOf(item)}: `;
      const text = describeRecovery(item).join("; ");
      return findingWords(text.startsWith(place) ? text.slice(place.length) : text);
    }
  }
}
