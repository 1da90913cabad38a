// Names a backup attempt.

/**
 * A name for one attempt to back up one VM: UTC second and six hexadecimal digits from `random` (at least 3 bytes).
 * It stands in the name of every object the attempt makes on a host.
 */
export function backupId(now: Date, random: Uint8Array): string {
  const second = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const suffix = [...random.slice(0, 3)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${second}-${suffix}`;
}
