// An overlay of ours whose base other VMs depend on → what it is, and how those VMs come to do without the base.

import type { Recovery } from "../model/recovery.ts";
import { words } from "./wording.ts";

type SharedBase = Extract<Recovery, { kind: "shared-base" }>;

/** Why the overlay is left alone, and commands for a person; `again` is the command to run then. */
export function describeSharedBase(
  { target, overlayPath, basePath, users }: SharedBase,
  again: string,
): string {
  const ofEach = (command: (vm: { readonly shell: string }) => string): { readonly whole: string } => ({
    whole: users.map((name) => command({ shell: name })).join("; "),
  });
  const looks = ofEach((vm) => words`virsh domblklist --details ${vm}`);
  const pulls = ofEach((vm) => words`virsh blockpull ${vm} TARGET --wait`);
  const edits = ofEach((vm) => words`virsh edit ${vm}`);
  return words`its disk ${target} stands on our overlay ${overlayPath}, and folding that back would write to ${basePath}, which is also used by ${users}. So it was left alone; neither file may be deleted. Look on the host: qemu-img info -U --backing-chain ${{ shell: overlayPath }}; ${looks}. Have each of those VMs do without that base. While it runs: ${pulls}. While it is shut off, for its image: qemu-img rebase -f qcow2 -b '' IMAGE. Where the base itself is its disk, give it another one: ${edits}. Then run: ${{ whole: again }}`;
}
