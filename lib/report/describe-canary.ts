// What came of a snapshot that was tried on a host → words.

import type { Canary, CanaryStep } from "../model/finding.ts";
import { findingWords, type FindingWords } from "./finding-words.ts";
import { formatSeconds } from "./format.ts";
import { harmless, words } from "./wording.ts";

/** The words for it. */
export function describeCanary({ step, detail = "", left, command, seconds }: Canary): FindingWords {
  const trouble = step === undefined ? "" : words`${{ raw: steps[step] }}: ${{ raw: detail || "no detail" }}`;
  if (left.length > 0) {
    const what = left.map(({ action, detail: why }) => `${harmless(action)}: ${harmless(why)}`).join("; ");
    const before = trouble === "" ? "" : `${trouble}. `;
    return findingWords(`${before}Something of the scratch VM is left on the host: ${what}`, {
      remedy: "When the cause is gone, run on the host",
      commands: [harmless(command, Infinity)],
    });
  }
  if (step === undefined)
    return findingWords(
      `A scratch VM was started, snapshotted, folded back and removed in ${formatSeconds(seconds)}`,
    );
  return findingWords(`${trouble}. Nothing of it is left`, {
    remedy: remedies[step],
    commands: ["journalctl -u libvirtd -u virtqemud -n 50"],
  });
}

const steps: { readonly [Step in CanaryStep]: string } = {
  "choose-machine": "libvirt does not tell what it can run, so no scratch VM was tried",
  "create-image": "The image of a scratch VM could not be made",
  "start-vm": "A scratch VM could not be started",
  "take-snapshot": "No snapshot could be taken of a scratch VM",
  "commit-overlay": "The overlay of a scratch VM could not be folded back",
};

const likewise = "A backup of a running VM would fail likewise. Look on the host what libvirt says of it";
const remedies: { readonly [Step in CanaryStep]: string } = {
  "choose-machine": "Look on the host what libvirt says of it",
  "create-image": "See that the login can write where the images are, and that there is room",
  "start-vm": "That says nothing of backups yet. Look on the host why a VM does not start",
  "take-snapshot": likewise,
  "commit-overlay": likewise,
};
