// Looks for files of ours that no VM names: what is left when the guard is gone too, and the VM is on its base again.

import type { HostShell } from "../backup/ports.ts";
import { findFiles } from "../guard/find-files.ts";
import { AnswerError } from "../hypervisor/answer-error.ts";
import { parseImageInfo } from "../hypervisor/parse-image-info.ts";
import { forceShareVersion, imageInfo, testEmpty } from "../hypervisor/qemu-img.ts";
import { isAtLeast } from "../hypervisor/versions.ts";
import type { FileOfOurs, Recovery } from "../model/recovery.ts";
import type { HostFacts } from "../model/vm.ts";
import { overlayOwner } from "../plan/overlay-name.ts";
import { diskOn, findUnused, planStrayFiles, type StrayLook } from "../plan/plan-stray-files.ts";
import { Batch } from "./batch.ts";

/** How a host is looked through. */
export interface SearchOptions {
  readonly folders: readonly string[];
  /** Surveys the host once more. */
  readonly look: () => Promise<HostFacts>;
}

/**
 * What to do about files that no VM of the host uses. On a host that has none this is one round trip.
 * A backup that began after `facts` were taken has files that nobody in them names. So the host is asked again between
 * two looks for the files: a file that was there both times has its guard in between, if it has one at all.
 */
export async function findStrayFiles(
  shell: HostShell,
  facts: HostFacts,
  { folders, look }: SearchOptions,
): Promise<readonly Recovery[]> {
  const before = findUnused(await findFiles(shell, folders), facts);
  if (before.length === 0) return [];
  const fresh = await look();
  const after = findUnused(await findFiles(shell, folders), fresh);
  const lasting = after.filter(({ path }) => before.some((file) => file.path === path));
  return planStrayFiles(await testEach(shell, await readEach(shell, lasting), fresh), fresh);
}

/** Reads what the overlays are based on; nothing below them is opened. */
async function readEach(shell: HostShell, files: readonly FileOfOurs[]): Promise<readonly StrayLook[]> {
  const batch = new Batch();
  const questions = files.map((file) => {
    const isReadable = file.isPlain && overlayOwner(file.path) !== undefined;
    return { file, ask: isReadable ? batch.ask(imageInfo(asImage(file))) : undefined };
  });
  await batch.send(shell);
  return questions.map(({ file, ask }) => {
    const look = { ...file, backingPath: undefined, isEmpty: undefined, trouble: undefined };
    if (ask === undefined) return file.isPlain ? look : { ...look, trouble: "it is not a plain file" };
    const { code, stdout, stderr } = ask();
    if (code !== 0) return { ...look, trouble: stderr.trim().split("\n").at(-1) ?? "" };
    return { ...look, ...readBacking(stdout) };
  });
}

function readBacking(text: string): Pick<StrayLook, "backingPath" | "trouble"> {
  try {
    return { backingPath: parseImageInfo(text).backing?.fullName, trouble: undefined };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    return { backingPath: undefined, trouble: error.message };
  }
}

/** Only those above a VM's own disk are tested: that opens what they are based on, and anything may be named there. */
async function testEach(
  shell: HostShell,
  looks: readonly StrayLook[],
  facts: HostFacts,
): Promise<readonly StrayLook[]> {
  const batch = new Batch();
  const canForceShare = isAtLeast(facts.versions.qemuImg, forceShareVersion);
  const questions = looks.map((look) => {
    const isTested = look.backingPath !== undefined && diskOn(look.backingPath, facts) !== undefined;
    return { look, ask: isTested ? batch.ask(testEmpty(asImage(look), { canForceShare })) : undefined };
  });
  await batch.send(shell);
  return questions.map(({ look, ask }) => {
    const code = ask?.().code;
    return { ...look, isEmpty: code === 0 ? true : code === 1 ? false : undefined };
  });
}

function asImage({ path }: FileOfOurs): Parameters<typeof imageInfo>[0] {
  return { path, format: "qcow2" };
}
