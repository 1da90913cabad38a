// Everything guard.sh can undo, as data.

/** The verbs guard.sh knows; a contract test compares them with `guard.sh verbs`. */
export const undoVerbs = [
  "fold-overlay",
  "thaw-guest",
  "resume-guest",
  "remove-clone",
  "remove-created",
  "move-back",
  "undefine-created",
  "end-created",
  "clear-created",
  "define-back",
] as const;
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
  | { readonly verb: "remove-clone"; readonly uuid: string; readonly clonePath: string }
  /** A file or folder made for a VM that is restored. Its name, or that of one of two folders above, has `.virtfold-` and the id in it. */
  | { readonly verb: "remove-created"; readonly uuid: string; readonly path: string }
  /** What was called `was` is called `now`. `identity` is its `device:inode`, so that nothing else is ever moved. */
  | {
      readonly verb: "move-back";
      readonly uuid: string;
      readonly now: string;
      readonly was: string;
      readonly identity: string;
    }
  /** A VM that was defined, shut off, with the definitions of its snapshots. */
  | { readonly verb: "undefine-created"; readonly uuid: string; readonly name: string }
  /** A VM that was started without being defined. Its name has `.virtfold-` and the id in it. */
  | { readonly verb: "end-created"; readonly uuid: string; readonly name: string }
  /** A folder made for such a VM, with whatever files are in it. Its own name has `.virtfold-` and the id in it. */
  | { readonly verb: "clear-created"; readonly uuid: string; readonly path: string }
  /** A VM that was undefined: from `definition.xml`, `snapshot-*.xml` by their names, `current` and `autostart` there. */
  | { readonly verb: "define-back"; readonly uuid: string; readonly folder: string };
