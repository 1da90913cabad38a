// What guard.ts writes into journals, and reads from restores.

import assert from "node:assert/strict";
import { test } from "node:test";
import { journalFields } from "../../lib/guard/journal.ts";
import { parseRestoreLine } from "../../lib/guard/restore-line.ts";
import type { UndoAction } from "../../lib/guard/undo-action.ts";

const fold: UndoAction = {
  verb: "fold-overlay",
  uuid: "u",
  target: "vda",
  overlayPath: "/a b/vda.virtfold-1.qcow2",
  basePath: "/ü/$(x).img",
};

test("journalFields() puts the verb first and changes no byte", () => {
  const fields = ["fold-overlay", "u", "vda", "/a b/vda.virtfold-1.qcow2", "/ü/$(x).img"];
  assert.deepEqual(journalFields(fold), fields);
  assert.deepEqual(journalFields({ verb: "thaw-guest", uuid: "u" }), ["thaw-guest", "u"]);
});

test("journalFields() refuses what would break a line", () => {
  for (const basePath of ["", "a\tb", "a\nb", "a\0b"]) {
    assert.throws(() => journalFields({ ...fold, basePath }), TypeError);
  }
});

test("parseRestoreLine() reads what guard.sh says, and nothing else", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["progress\tvda\t42", { kind: "progress", target: "vda", percent: 42 }],
    ["progress\tvda\t101", { kind: "progress", target: "vda", percent: 100 }],
    ["progress\tvda\t", { kind: "progress", target: "vda", percent: 0 }],
    ["folded\tvda", { kind: "folded", target: "vda" }],
    [
      "left\tfold-overlay\tvda: it is kept",
      { kind: "left", verb: "fold-overlay", detail: "vda: it is kept" },
    ],
    ["restored", { kind: "restored" }],
    ["stuck", { kind: "stuck" }],
    ["", undefined],
    ["Last login: today", undefined],
  ];
  for (const [line, expected] of cases) assert.deepEqual(parseRestoreLine(line), expected, line);
});
