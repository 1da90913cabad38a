// Text → how much a copy may take of a link, as rsync reads its --bwlimit. Pure.

/** A rate in words, for errors and for help. */
export const rateMeaning =
  "what each copy may take of the link a second, as rsync takes it: 20M (MiB), 1.5M, 500K, or a number of KiB, from 1; 0 for no limit";

const pattern = /^(\d{1,9}(?:\.\d{1,3})?)(?:([KMG])(iB|B)?|B)?$/i;
/** rsync counts in whole KiB. */
const leastBytes = 1024;
/** Nothing is faster, and every rsync can count so far. */
const mostBytes = 1024 ** 4;

/** Bytes a second, 0 for no limit; undefined for what is no rate, or one that nothing could keep to. */
export function readRate(text: string): number | undefined {
  const [whole, digits, unit, ending] = pattern.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const bytes = Math.floor(Number(digits) * factorOf(whole, unit, ending));
  return bytes === 0 && Number(digits) === 0
    ? 0
    : bytes >= leastBytes && bytes <= mostBytes
      ? bytes
      : undefined;
}

/** As with rsync: K and KiB are 1024, KB is 1000, B is one, and what has no unit is meant in KiB. */
function factorOf(whole: string, unit: string | undefined, ending: string | undefined): number {
  if (unit === undefined) return /b$/i.test(whole) ? 1 : 1024;
  const power = "KMG".indexOf(unit.toUpperCase()) + 1;
  return (ending?.toUpperCase() === "B" ? 1000 : 1024) ** power;
}
