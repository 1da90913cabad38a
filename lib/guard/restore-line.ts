// One line of what `guard.sh restore` prints, as data.

/** What guard.sh says while it restores a host. */
export type RestoreLine =
  | { readonly kind: "progress"; readonly target: string; readonly percent: number }
  | { readonly kind: "folded"; readonly target: string }
  | { readonly kind: "left"; readonly verb: string; readonly detail: string }
  | { readonly kind: "restored" }
  | { readonly kind: "stuck" };

/** Reads one line; undefined for anything guard.sh does not say. */
export function parseRestoreLine(line: string): RestoreLine | undefined {
  const [kind, first = "", second = ""] = line.split("\t");
  switch (kind) {
    case "progress":
      return { kind, target: first, percent: Math.min(100, Number.parseInt(second, 10) || 0) };
    case "folded":
      return { kind, target: first };
    case "left":
      return { kind, verb: first, detail: second };
    case "restored":
    case "stuck":
      return { kind };
    default:
      return undefined;
  }
}
