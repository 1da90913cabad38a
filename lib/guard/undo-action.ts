// Everything guard.sh can undo, as data.

/** The verbs guard.sh knows; a contract test compares them with `guard.sh verbs`. */
export const undoVerbs = ["fold-overlay", "thaw-guest"] as const;
export type UndoVerb = (typeof undoVerbs)[number];

/**
 * One change to a host and how it is undone. Each is whole (one safe operation), repeatable, harmless when the
 * change was never made, and independent of the others.
 */
export type UndoAction =
  | {
      readonly verb: "fold-overlay";
      readonly uuid: string;
      readonly target: string;
      readonly overlayPath: string;
      readonly basePath: string;
    }
  | { readonly verb: "thaw-guest"; readonly uuid: string };
