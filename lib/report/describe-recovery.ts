// What a person must know or do about something that was left on a host → sentences. None ever says to delete an overlay
// that may be in use.

import type { LeftOnHost } from "../model/guard.ts";
import type { Recovery } from "../model/recovery.ts";
import { unreachable } from "../model/unreachable.ts";
import { commandLine } from "./command-line.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeSharedBase } from "./describe-shared-base.ts";
import { describeStrayFile } from "./describe-stray-file.ts";
import type { RecoveryItem } from "./recovery-status.ts";
import { harmless, words } from "./wording.ts";

/** The sentences about one thing; none when it is restored and nobody need think of it again. */
export function describeRecovery(item: RecoveryItem): readonly string[] {
  const { outcome, recovery, host } = item;
  switch (outcome.kind) {
    case "restored":
    case "ended-by-itself":
    case "would-restore":
      return [];
    case "would-wait":
      return [
        words`${{ whole: placeOf(item) }}: backup ${{ raw: guardText(recovery) }} gave a sign of life a moment ago; recover waits until it gives another one, and then leaves it alone, or until its lease runs out, and then restores the host`,
      ];
    case "held":
      return [
        words`${{ whole: placeOf(item) }}: backup ${{ raw: guardText(recovery) }} is at work and was left alone`,
      ];
    case "left":
      return [describeStuck(item, outcome)];
    case "needs-person":
      return [describeNeed(item)];
    case "failed":
      return [describeFailure(outcome.reason)];
    case "interrupted":
      return [
        words`${{ whole: placeOf(item) }}: the host goes on by itself; to see what came of it: ${{ whole: again(host) }}`,
      ];
    default:
      return unreachable(outcome);
  }
}

/** `HOST/VM`, or the host alone. */
export function placeOf({ host, vm }: Pick<RecoveryItem, "host" | "vm">): string {
  return vm === undefined ? harmless(host) : `${harmless(host)}/${harmless(vm)}`;
}

function guardText(recovery: Recovery): string {
  if (recovery.kind === "adopt") return `${recovery.backupId} of this VM`;
  if (recovery.kind !== "held" && recovery.kind !== "restore") return "of this VM";
  const { backupId, controller, since } = recovery.guard;
  return `${backupId} by ${controller || "somebody"} (since ${since || "some time"})`;
}

function again(host: string): string {
  return words`${{ whole: commandLine("recover") }} ${{ shell: host }}`;
}

function describeStuck(
  item: RecoveryItem,
  { left, command }: { readonly left: readonly LeftOnHost[]; readonly command: string },
): string {
  const what = left.map(({ action, detail }) => `${harmless(action)}: ${harmless(detail)}`).join("; ");
  const vm = item.vm ?? "";
  const looks = [...new Set(left.flatMap(({ action }) => lookFor(action, vm)))].join("; ");
  return words`${{ whole: placeOf(item) }}: could not be put right: ${{ whole: what }}. Never delete an overlay: it may hold what the guest wrote. Look on the host: ${{ whole: looks }}. When the cause is gone, run there: ${{ whole: command }}`;
}

/** What shows a person why an action could not be undone. */
function lookFor(action: string, vm: string): readonly string[] {
  const chain = words`virsh domblklist --details ${{ shell: vm }}; virsh dumpxml ${{ shell: vm }}`;
  switch (action) {
    case "thaw-guest":
      return [words`virsh domfsthaw ${{ shell: vm }}`];
    case "resume-guest":
      return [words`virsh domstate --reason ${{ shell: vm }}`, "df -h"];
    default:
      return [words`virsh domstate --reason ${{ shell: vm }}; ${{ whole: chain }}`, "df -h"];
  }
}

function describeNeed(item: RecoveryItem): string {
  const { recovery, host } = item;
  const place = { whole: placeOf(item) };
  const next = { whole: again(host) };
  switch (recovery.kind) {
    case "unknown-base": {
      const { target, path, livePath, detail, vm } = recovery;
      return livePath === undefined
        ? words`${place}: its disk ${target} stands on ${path}, and what lies below that cannot be told: ${{ raw: detail || "no detail" }}. Never delete that file. Look on the host: qemu-img info -U --backing-chain ${{ shell: path }}; virsh domblklist --details ${{ shell: vm.name }}. When the chain can be read again, run: ${next}`
        : words`${place}: its disk ${target} runs on ${livePath}, but will start next time on ${path}, an overlay that may miss what was written since. Never delete that file while the definition names it. Compare on the host: virsh dumpxml ${{ shell: vm.name }}; virsh dumpxml --inactive ${{ shell: vm.name }}. Bring the definition in line with virsh edit ${{ shell: vm.name }}, then run: ${next}`;
    }
    case "covered-overlay": {
      const { target, topPath, overlayPath, vm } = recovery;
      return words`${place}: ${topPath} lies on top of our overlay ${overlayPath}, so neither may be deleted. When nobody needs the upper one as an image of its own, bring it down on the host while the VM runs: virsh blockcommit ${{ shell: vm.name }} ${{ shell: target }} --active --pivot --top ${{ shell: topPath }} --base ${{ shell: overlayPath }}. Then run: ${next}`;
    }
    case "shared-base":
      return `${placeOf(item)}: ${describeSharedBase(recovery, again(host))}`;
    case "stray-file":
      return `${placeOf(item)}: ${describeStrayFile(recovery, again(host))}`;
    case "paused-guest":
      return words`${place}: the VM is paused by an I/O error. See that its disks have room (df -h on the host), then run there: virsh resume ${{ shell: recovery.vm.name }}`;
    case "held":
    case "restore":
    case "adopt":
      throw new Error("A program does this");
    default:
      return unreachable(recovery);
  }
}
