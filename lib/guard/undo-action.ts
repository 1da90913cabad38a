// Everything guard.sh can undo, as data.

/** The verbs guard.sh knows; a contract test compares them with `guard.sh verbs`. */
export const undoVerbs = ["fold-overlay", "thaw-guest", "resume-guest", "remove-clone"] as const;
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
  | { readonly verb: "thaw-guest"; readonly uuid: string }
  /** A guest that an I/O error pauses in the window goes on afterwards; to be recorded before its overlays. */
  | { readonly verb: "resume-guest"; readonly uuid: string }
  /** A copy of an image, made on the host to be read from. Its name ends in `.clone` and has `.virtfold-` in it. */
  | { readonly verb: "remove-clone"; readonly uuid: string; readonly clonePath: string };
