// Text → how many bytes something may take. Pure.

/** Bytes, or powers of 1024 of them, such as `20G`; undefined when it is neither. */
export function readSize(text: string): number | undefined {
  const [, digits, unit] = /^([1-9]\d{0,11})([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const power = ["", "K", "M", "G", "T"].indexOf((unit ?? "").toUpperCase());
  const bytes = Number(digits) * 1024 ** power;
  return digits !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}
