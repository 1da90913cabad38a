// The architecture's rules on small made-up repositories: each rule must be able to fail.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as rules from "./architecture-rules.ts";
import { importGraph } from "./import-graph.ts";

const graphOf = (sources: Readonly<Record<string, string>>) => importGraph(new Map(Object.entries(sources)));

describe("importGraph()", () => {
  it("sees imports of every form, and none in comments and texts", () => {
    const text = `
      // import "./comment.ts";
      import a, { b } from "./a.ts";
      import type { C } from "../model/c.ts";
      import {
        many,
      } from "./lines.ts";
      import "./effect.ts";
      export * from "./all.ts";
      export type { D } from "./d.ts";
      import { $ } from "zx/core";
      import scoped from "@scope/name/part";
      import fs from "node:fs/promises";
      import os from "os";
      const later = await import("./later.ts");
      const text = 'import "./text.ts"';
      const quoted = \`import "./template.ts"\`;
    `;
    assert.deepEqual(graphOf({ "lib/plan/x.ts": text }).get("lib/plan/x.ts"), {
      files: [
        ...["lib/plan/a.ts", "lib/model/c.ts", "lib/plan/lines.ts", "lib/plan/effect.ts"],
        ...["lib/plan/all.ts", "lib/plan/d.ts", "lib/plan/later.ts"],
      ],
      builtins: ["node:fs/promises", "os"],
      packages: ["zx/core", "@scope/name/part"],
    });
  });
});

describe("wrongDirections()", () => {
  const directions = { "a/": [], "b/": ["a/"], "b/port.ts": [], "c/": ["b/port.ts"] };
  const cases: readonly [name: string, sources: Record<string, string>, violations: readonly string[]][] = [
    ["allows what the table allows", { "b/x.ts": 'import "../a/x.ts";', "a/x.ts": "" }, []],
    ["allows files of the same place", { "b/x.ts": 'import "./y.ts";' }, []],
    ["finds the opposite direction", { "a/x.ts": 'import "../b/x.ts";' }, ["a/x.ts imports b/x.ts"]],
    [
      "finds imports of types",
      { "a/x.ts": 'import type { T } from "../b/x.ts";' },
      ["a/x.ts imports b/x.ts"],
    ],
    ["takes the longest place that fits", { "b/port.ts": 'import "./x.ts";' }, ["b/port.ts imports b/x.ts"]],
    [
      "allows one file of a folder",
      { "c/x.ts": 'import "../b/port.ts"; import "../b/x.ts";' },
      ["c/x.ts imports b/x.ts"],
    ],
    ["finds a way out of the tree", { "a/x.ts": 'import "../test/x.ts";' }, ["a/x.ts imports test/x.ts"]],
    ["finds a folder without a row", { "d/x.ts": "" }, ["d/x.ts is in no row of the table of directions"]],
  ];
  for (const [name, sources, violations] of cases) {
    it(name, () => assert.deepEqual(rules.wrongDirections(graphOf(sources), directions), violations));
  }
});

describe("impurities()", () => {
  const rule = { pure: ["plan/"], except: ["plan/draw.ts"], builtins: ["node:path"], packages: ["zod"] };
  const cases: readonly [name: string, sources: Record<string, string>, violations: readonly string[]][] = [
    ["allows what is on the lists", { "plan/x.ts": 'import "node:path"; import "zod";' }, []],
    ["finds a module that acts", { "plan/x.ts": 'import "node:fs";' }, ["plan/x.ts → node:fs"]],
    ["finds a package that acts", { "plan/x.ts": 'import "zx/core";' }, ["plan/x.ts → zx/core"]],
    [
      "finds it behind other files, and shows the way",
      { "plan/x.ts": 'import "../a.ts";', "a.ts": 'import "./b.ts";', "b.ts": 'import "node:net";' },
      ["plan/x.ts → a.ts → b.ts → node:net"],
    ],
    [
      "leaves exceptions and other places alone",
      { "plan/draw.ts": 'import "node:fs";', "y.ts": 'import "node:fs";' },
      [],
    ],
  ];
  for (const [name, sources, violations] of cases) {
    it(name, () => assert.deepEqual(rules.impurities(graphOf(sources), rule), violations));
  }
});

describe("strayPackages()", () => {
  const owners = { "zx/core": ["run.ts"], zod: ["manifest.ts"] };
  it("allows a package in its own file", () => {
    const graph = graphOf({ "run.ts": 'import "zx/core";', "manifest.ts": 'import "zod";' });
    assert.deepEqual(rules.strayPackages(graph, owners, ["zx", "zod"]), []);
  });
  it("finds a second file, a second door into the package, and an unknown package", () => {
    const graph = graphOf({
      "run.ts": 'import "zx"; import "new";',
      "other.ts": 'import type { Z } from "zod";',
    });
    assert.deepEqual(rules.strayPackages(graph, owners, []), [
      "run.ts imports zx, which belongs in no file",
      "run.ts imports new, which belongs in no file",
      "other.ts imports zod, which belongs in manifest.ts",
    ]);
  });
  it("finds a dependency that nothing imports", () => {
    assert.deepEqual(rules.strayPackages(graphOf({}), owners, ["zx"]), [
      "package.json names zx, which no file imports",
    ]);
  });
});

describe("circles()", () => {
  it("finds each circle once, also one of types and one of a single file", () => {
    const graph = graphOf({
      "a.ts": 'import "./b.ts";',
      "b.ts": 'import type { C } from "./c.ts";',
      "c.ts": 'import "./a.ts";',
      "self.ts": 'import "./self.ts";',
      "into.ts": 'import "./a.ts";',
    });
    assert.deepEqual(rules.circles(graph), ["a.ts → b.ts → c.ts → a.ts", "self.ts → self.ts"]);
  });
  it("allows two ways to one file", () => {
    const graph = graphOf({
      "a.ts": 'import "./b.ts"; import "./c.ts";',
      "b.ts": 'import "./c.ts";',
      "c.ts": "",
    });
    assert.deepEqual(rules.circles(graph), []);
  });
});

describe("the smaller rules", () => {
  it("unprefixedBuiltins() finds a module without node:", () => {
    const graph = graphOf({ "a.ts": 'import "fs"; import "node:os";' });
    assert.deepEqual(rules.unprefixedBuiltins(graph), ["a.ts imports fs without node:"]);
  });
  it("longFiles() counts lines", () => {
    const sources = new Map([
      ["short.ts", "1\n2\n"],
      ["long.ts", "1\n2\n3"],
    ]);
    assert.deepEqual(rules.longFiles(sources, 2), ["long.ts has 3 lines"]);
  });
  it("staleRows() finds places without a file", () => {
    assert.deepEqual(rules.staleRows(["a/x.ts"], ["a/", "a/x.ts", "b/", "a/y.ts"]), ["b/", "a/y.ts"]);
  });
});
