// Answers of a survey → facts about VMs. Pure.

import { readStamp } from "../hypervisor/image-stamp.ts";
import { orderSnapshots } from "../hypervisor/order-snapshots.ts";
import { parseSnapshot } from "../hypervisor/snapshot-xml.ts";
import type { ChainLayer } from "../hypervisor/read-chain.ts";
import type { HostFacts, ImageUsers, Layer, UnreadableVm, VmFacts, VmSnapshot } from "../model/vm.ts";
import { answerText } from "./answer-text.ts";
import type { FileFacts, VmImages } from "./read-images.ts";
import { whyUnreadable } from "./understood.ts";

/** Puts together what was asked of one host. */
export function assembleFacts(
  images: readonly VmImages[],
  files: FileFacts,
): Omit<HostFacts, "versions" | "guards"> {
  const vms: VmFacts[] = [];
  const unreadable: UnreadableVm[] = [];
  for (const vm of images) {
    try {
      vms.push(assembleVm(vm, files));
    } catch (error) {
      const { uuid, name } = vm.definition;
      unreadable.push({ uuid, name, detail: whyUnreadable(error) });
    }
  }
  return { vms, unreadable, imageUsers: findUsers(images, files) };
}

function assembleVm(vm: VmImages, files: FileFacts): VmFacts {
  const { snapshotNames: _names, liveXml: _live, ...definition } = vm.definition;
  const chains = new Map<string, readonly Layer[]>();
  const chainTroubles = new Map<string, string>();
  for (const [target, reading] of vm.chains) {
    const layers = reading.kind === "trouble" ? reading.detail : joinStamps(reading.layers, files);
    if (typeof layers === "string") chainTroubles.set(target, layers);
    else chains.set(target, layers);
  }
  return {
    ...definition,
    activeJobs: [...new Set(vm.activeJobs)],
    chains,
    chainTroubles,
    snapshots: readSnapshots(vm),
    currentSnapshot: vm.currentSnapshot,
    freeBytes: new Map(vm.overlayDirectories.flatMap((path) => free(path, files))),
  };
}

/** The layers with what their files are like, or why one of them cannot be looked at. */
function joinStamps(layers: readonly ChainLayer[], files: FileFacts): readonly Layer[] | string {
  const joined: Layer[] = [];
  for (const layer of layers) {
    const answer = files.stamps.get(layer.path);
    const stamp = answer?.code === 0 ? answer.stdout : "";
    const facts = readStamp(stamp);
    if (facts === undefined) return answer?.stderr.trim().split("\n").at(-1) ?? "its state cannot be read";
    joined.push({ ...layer, source: facts.source, identity: facts.identity, fileBytes: facts.bytes, stamp });
  }
  return joined;
}

function readSnapshots(vm: VmImages): readonly VmSnapshot[] {
  const snapshots = [...vm.snapshotDumps].map(([name, dump]) =>
    parseSnapshot(answerText(`virsh snapshot-dumpxml of snapshot ${JSON.stringify(name)}`, dump)),
  );
  return orderSnapshots(snapshots);
}

function free(path: string, files: FileFacts): readonly (readonly [string, number])[] {
  const bytes = files.freeBytes.get(path);
  return bytes === undefined ? [] : [[path, bytes]];
}

function findUsers(images: readonly VmImages[], files: FileFacts): ImageUsers {
  const users = new Map<string, { readonly uuid: string; readonly name: string }[]>();
  for (const { definition, paths } of images) {
    const identities = paths.map((path) => readStamp(files.stamps.get(path)?.stdout ?? "")?.identity);
    for (const identity of new Set(identities.filter((one) => one !== undefined))) {
      const known = users.get(identity) ?? [];
      users.set(identity, [...known, { uuid: definition.uuid, name: definition.name }]);
    }
  }
  return users;
}
