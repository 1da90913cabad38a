import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { whyNoLab } from "../../scripts/testing/lab-requirements.ts";
import {
  findTestFiles,
  longestFirst,
  longTests,
  portableTestFiles,
  quickTestFiles,
  sortTestFiles,
  startersFirst,
  startingTests,
} from "../../scripts/testing/test-files.ts";

describe("sortTestFiles()", () => {
  it("gives each test to one stage and leaves other files out", () => {
    const paths = [
      "test/plan/select-vms.test.ts",
      "test/lab/lab.ts",
      "test/lab/lab.test.ts",
      "test/e2e/deep/backup.test.ts",
      "test/faults/matrix.test.ts",
      "test/faults/points.ts",
      "test/faults/table/fault-table.test.ts",
      "test/store/crash.test.ts",
      "test/laboratory.test.ts",
    ];
    assert.deepEqual(sortTestFiles(paths), {
      unit: [
        "test/faults/table/fault-table.test.ts",
        "test/laboratory.test.ts",
        "test/plan/select-vms.test.ts",
      ],
      lab: ["test/lab/lab.test.ts"],
      faults: ["test/store/crash.test.ts"],
      e2e: ["test/e2e/deep/backup.test.ts"],
      matrix: ["test/faults/matrix.test.ts"],
    });
  });
});

describe("longestFirst()", () => {
  it("puts what takes long to the front, and leaves the rest in order", () => {
    assert.deepEqual(
      longestFirst([
        "test/e2e/a.test.ts",
        "test/e2e/fleet.test.ts",
        "test/e2e/b.test.ts",
        "test/faults/matrix.test.ts",
      ]),
      ["test/faults/matrix.test.ts", "test/e2e/fleet.test.ts", "test/e2e/a.test.ts", "test/e2e/b.test.ts"],
    );
  });

  it("knows only tests that are there", async () => {
    const { e2e, matrix } = await findTestFiles(fileURLToPath(new URL("../..", import.meta.url)));
    const all = [...matrix, ...e2e].toSorted();
    const known = longestFirst(all).slice(0, longTests.length);
    assert.ok(longTests.every((start, index) => known[index]!.startsWith(start)));
  });
});

describe("startersFirst()", () => {
  it("puts what starts many processes to the front, the longest first, and leaves the others in order", () => {
    assert.deepEqual(
      startersFirst([
        "test/cli/a.test.ts",
        "test/guard/b.test.ts",
        "test/plan/c.test.ts",
        "test/guard/a.test.ts",
        "test/fleet/survey.test.ts",
      ]),
      [
        "test/fleet/survey.test.ts",
        "test/guard/b.test.ts",
        "test/guard/a.test.ts",
        "test/cli/a.test.ts",
        "test/plan/c.test.ts",
      ],
    );
  });

  it("knows only what is there", async () => {
    const { unit } = await findTestFiles(fileURLToPath(new URL("../..", import.meta.url)));
    for (const start of startingTests)
      assert.ok(
        unit.some((path) => path.startsWith(start)),
        start,
      );
  });
});

describe("portableTestFiles()", () => {
  it("leaves out what is not about code of ours that other runtimes run, and nothing else", async () => {
    const { unit } = await findTestFiles(fileURLToPath(new URL("../..", import.meta.url)));
    const portable = portableTestFiles(unit);
    const left = new Set(unit.filter((path) => !portable.includes(path)).map((path) => path.split("/")[1]));
    assert.deepEqual([...left].toSorted(), [
      "architecture.test.ts",
      "docs",
      "guard",
      "scripts",
      "support",
      "verify",
    ]);
    for (const path of [
      "test/guard/arm.test.ts",
      "test/guard/guard.test.ts",
      "test/verify/verify-backup.test.ts",
    ])
      assert.ok(portable.includes(path), path);
    assert.ok(unit.length - portable.length < 40, `${unit.length - portable.length} left out`);
  });
});

describe("quickTestFiles()", () => {
  it("leaves out tests of real processes, and nothing that only decides", () => {
    const unit = ["test/guard/adopt.test.ts", "test/plan/select-vms.test.ts", "test/ssh/openssh.test.ts"];
    assert.deepEqual(quickTestFiles(unit), ["test/plan/select-vms.test.ts"]);
  });

  it("leaves out only files that there are, and most stay", async () => {
    const { unit } = await findTestFiles(fileURLToPath(new URL("../..", import.meta.url)));
    const quick = quickTestFiles(unit);
    assert.ok(
      quick.length > unit.length / 2 && quick.length < unit.length,
      `${quick.length} of ${unit.length}`,
    );
  });
});

describe("whyNoLab()", () => {
  const debian = {
    platform: "linux",
    architecture: "x64",
    userId: 0,
    osRelease: 'NAME="Debian GNU/Linux"\nID=debian\n',
  };
  const cases: readonly [name: string, facts: Parameters<typeof whyNoLab>[0], why: string | undefined][] = [
    ["root on Debian can", debian, undefined],
    ["root on Ubuntu can", { ...debian, osRelease: "ID=ubuntu\nID_LIKE=debian\n" }, undefined],
    [
      "root on a child of Ubuntu can",
      { ...debian, osRelease: 'ID=mint\nID_LIKE="ubuntu debian"\n' },
      undefined,
    ],
    ["another user cannot", { ...debian, userId: 1000 }, "needs root"],
    ["another architecture cannot", { ...debian, architecture: "arm64" }, "needs x86_64"],
    ["Fedora cannot", { ...debian, osRelease: "ID=fedora\n" }, "needs Debian or Ubuntu"],
    ["an unknown system cannot", { ...debian, osRelease: "" }, "needs Debian or Ubuntu"],
  ];
  for (const [name, facts, why] of cases) it(name, () => assert.equal(whyNoLab(facts), why));
});
