// One line of what guard.sh prints, as data.

import { restoreCauses, type Receipt, type RestoreCause } from "../model/guard.ts";

/** What guard.sh says while it restores a host. */
export type RestoreLine =
  | { readonly kind: "progress"; readonly target: string; readonly percent: number }
  | { readonly kind: "folded"; readonly target: string }
  | { readonly kind: "left"; readonly verb: string; readonly detail: string }
  | { readonly kind: "receipt"; readonly receipt: Receipt }
  | { readonly kind: "restored" }
  | { readonly kind: "stuck" };

/** Reads one line; undefined for anything guard.sh does not say. */
export function parseRestoreLine(line: string): RestoreLine | undefined {
  const [kind, first = "", second = "", ...more] = line.split("\t");
  switch (kind) {
    case "progress":
      return { kind, target: first, percent: Math.min(100, wholeNumber(second)) };
    case "folded":
      return { kind, target: first };
    case "left":
      return { kind, verb: first, detail: second };
    case "receipt":
      return { kind, receipt: readReceipt(first, second, more) };
    case "restored":
    case "stuck":
      return { kind };
    default:
      return undefined;
  }
}

function readReceipt(backupId: string, cause: string, fields: readonly string[]): Receipt {
  const [detail = "", seconds = "", peak = "", endedAt = ""] = fields;
  return {
    ...{ backupId, detail, endedAt },
    cause: causeOf(cause),
    secondsOnOverlay: wholeNumber(seconds),
    peakBytes: wholeNumber(peak),
  };
}

/** A cause of a version that knows more of them counts as a person's doing. */
export function causeOf(word: string): RestoreCause {
  return restoreCauses.find((cause) => cause === word) ?? "recover";
}

/** 0 for anything else. */
export function wholeNumber(text: string): number {
  const number = /^\d{1,15}$/.test(text.trim()) ? Number(text) : 0;
  return Number.isSafeInteger(number) ? number : 0;
}
