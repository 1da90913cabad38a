// Versions of the tools at the far end.

/** The numbers of a version, most significant first. */
export type Version = readonly number[];

/** libvirt and hypervisor from `virsh version`; undefined where it does not name them. */
export function parseVirshVersion(text: string): {
  readonly libvirt: string | undefined;
  readonly qemu: string | undefined;
} {
  return {
    libvirt: firstMatch(text, /^Using library: libvirt ([0-9.]+)$/m),
    qemu: firstMatch(text, /^Running hypervisor: QEMU ([0-9.]+)$/m),
  };
}

/** From `qemu-img --version`: `qemu-img version 7.2.22 (Debian …)`. */
export function parseQemuImgVersion(text: string): string | undefined {
  return firstMatch(text, /^qemu-img version ([0-9]+(?:\.[0-9]+)+)/m);
}

/** From `rsync --version`: `rsync  version 3.2.3  protocol version 31`, sometimes with a `v`. */
export function parseRsyncVersion(text: string): string | undefined {
  return firstMatch(text, /^rsync +version +v?([0-9]+(?:\.[0-9]+)+)/m);
}

/** `9.0.0` as numbers, to the first part that is none; empty for what is no version. */
export function versionNumbers(version: string | undefined): Version {
  const [numbers = ""] = /^[0-9]{1,6}(?:\.[0-9]{1,6})*/.exec(version ?? "") ?? [];
  return numbers === "" ? [] : numbers.split(".").map(Number);
}

/** Whether a version is the wanted one or later; parts that are not named count as 0. An unknown version is not. */
export function isAtLeast(version: string | undefined, wanted: Version): boolean {
  const numbers = versionNumbers(version);
  if (numbers.length === 0) return false;
  const differing = wanted.findIndex((part, index) => part !== (numbers[index] ?? 0));
  return differing === -1 || (numbers[differing] ?? 0) > (wanted[differing] ?? 0);
}

function firstMatch(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1];
}
