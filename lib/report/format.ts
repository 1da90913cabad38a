// Numbers for people.

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes in binary units with up to one decimal: `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? "B"}`;
}

/** Seconds as `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** Bytes for a narrow column, in the same binary units: `1.5G`. */
export function shortBytes(bytes: number): string {
  return formatBytes(bytes).replace(/ (\w)(?:iB)?$/, "$1");
}

/** Seconds for a narrow column: `0.4s`, `12s`, `3m05s`, `2h10m`. */
export function shortSeconds(seconds: number): string {
  return formatSeconds(seconds).replaceAll(" ", "").replace("min", "m");
}
