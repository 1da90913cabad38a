// Undo actions ↔ the fields of a journal line. What guard.sh reads back is data, never text to evaluate.

import { unreachable } from "../model/unreachable.ts";
import type { UndoAction } from "./undo-action.ts";

/**
 * The fields of an action as guard.sh records them, verb first.
 * @throws TypeError when a field is empty or holds a tab or a newline; paths are checked long before.
 */
export function journalFields(action: UndoAction): readonly string[] {
  const fields = fieldsOf(action);
  for (const field of fields) {
    if (field === "" || /[\t\n\0]/.test(field)) {
      throw new TypeError(`Cannot write ${JSON.stringify(field)} into a journal`);
    }
  }
  return fields;
}

function fieldsOf(action: UndoAction): readonly string[] {
  switch (action.verb) {
    case "fold-overlay":
      return [action.verb, action.uuid, action.target, action.overlayPath, action.basePath];
    case "thaw-guest":
    case "resume-guest":
      return [action.verb, action.uuid];
    case "remove-clone":
      return [action.verb, action.uuid, action.clonePath];
    case "remove-created":
    case "clear-created":
      return [action.verb, action.uuid, action.path];
    case "move-back":
      return [action.verb, action.uuid, action.now, action.was, action.identity];
    case "undefine-created":
    case "end-created":
      return [action.verb, action.uuid, action.name];
    case "define-back":
      return [action.verb, action.uuid, action.folder];
    default:
      return unreachable(action);
  }
}
