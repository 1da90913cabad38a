// Whether a VM's definition, once it is made to use copies, would still point at the original's files. Pure.

import type { LayerCopy } from "../hypervisor/domain-changes.ts";
import { patchDomainXml } from "../hypervisor/patch-domain-xml.ts";
import type { VmObstacle } from "../model/failure.ts";
import { bootFileRoles } from "../model/plan.ts";
import type { Layer, VmFacts } from "../model/vm.ts";

/**
 * The first path of the definition that no copy would take the place of; undefined when there is none. A definition
 * may spell out a longer backing chain than the image has, and libvirt believes the definition.
 */
export function findUncopiedPath(vm: VmFacts): VmObstacle | undefined {
  const disks = [...vm.chains].flatMap(([target, [own, ...below]]) =>
    own === undefined ? [] : [{ target, layers: [itself(own), ...below.map(itself)] as const }],
  );
  const { unpatched } = patchDomainXml(vm.inactiveXml, {
    ...{ name: vm.name, uuid: vm.uuid, disks },
    bootFiles: Object.fromEntries(bootFileRoles.map((role) => [role, role])),
  });
  const [first] = unpatched;
  return first === undefined ? undefined : { kind: "uncopied-path", ...first };
}

/** Stands for its copy, which has no name yet. */
function itself({ path, format }: Layer): LayerCopy {
  return { oldPath: path, path, format };
}
