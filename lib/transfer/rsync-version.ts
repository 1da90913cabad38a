/** Whether this version of rsync, as it prints it, is at least the wanted one; false when it cannot be told. */
export function isRsyncAtLeast(
  printed: string | undefined,
  wanted: readonly [number, number, number],
): boolean {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(printed ?? "");
  if (match === null) return false;
  const parts = match.slice(1).map(Number);
  const index = wanted.findIndex((number, position) => parts[position] !== number);
  return index < 0 || (parts[index] ?? 0) > (wanted[index] ?? 0);
}
