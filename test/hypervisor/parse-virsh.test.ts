import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AnswerError } from "../../lib/hypervisor/answer-error.ts";
import { parseBlockJob } from "../../lib/hypervisor/job-progress.ts";
import {
  parseCurrentSnapshot,
  parseDomainInfo,
  parseDomainState,
  parseNames,
  parseUuids,
} from "../../lib/hypervisor/parse-virsh.ts";

describe("parseUuids()", () => {
  it("reads what virsh prints", () => {
    const [one, other] = ["6695eb01-f6a4-8304-79aa-97f2502e193f", "ec68d7d8-14b5-45d0-9cf5-9f3de3bca5a6"];
    assert.deepEqual(parseUuids(`${one}\n${other}\n\n`), [one, other]);
    assert.deepEqual(parseUuids("\n"), []);
  });

  for (const text of ["error: x\n", "web\n", "6695eb01-f6a4-8304-79aa-97f2502e193f \n"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseUuids(text), AnswerError);
    });
  }
});

describe("parseNames()", () => {
  it("keeps blanks and whatever else a name holds", () => {
    assert.deepEqual(parseNames(`  sp  \n--name=x\n-neg=1 \nsn <&> 'ü", x\n\n`), [
      "  sp  ",
      "--name=x",
      "-neg=1 ",
      `sn <&> 'ü", x`,
    ]);
    assert.deepEqual(parseNames(""), []);
    assert.equal(parseCurrentSnapshot("-neg=1 \n"), "-neg=1 ");
    assert.equal(parseCurrentSnapshot("\n"), undefined);
  });

  it("refuses what no command can be given", () => {
    assert.throws(() => parseNames("a\0b\n"), AnswerError);
  });
});

describe("parseDomainState()", () => {
  const states: readonly (readonly [string, string, string])[] = [
    ["running (booted)\n\n", "running", "booted"],
    ["idle (unknown)\n", "running", "unknown"],
    ["paused (I/O error)\n", "paused", "I/O error"],
    ["paused (user)", "paused", "user"],
    ["in shutdown (user)\n", "in-shutdown", "user"],
    ["shut off (destroyed)\n", "shut-off", "destroyed"],
    ["shut off (from snapshot)\n", "shut-off", "from snapshot"],
    ["crashed (panicked)\n", "crashed", "panicked"],
    ["pmsuspended (unknown)\n", "suspended", "unknown"],
    ["no state (unknown)\n", "unknown", "unknown"],
    ["something new (why)\n", "unknown", "why"],
    ["running\n", "running", ""],
  ];
  for (const [text, state, stateReason] of states) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseDomainState(text), { state, stateReason });
    });
  }

  for (const text of [
    "",
    "\n",
    "error: failed to get domain 'x'",
    "läuft (gestartet)\n",
    "running (a) (b)\n",
    "running (booted)\nrunning (booted)\n",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDomainState(text), AnswerError);
    });
  }
});

describe("parseDomainInfo()", () => {
  const info = (name: string, persistent: string, save: string, start = "disable") =>
    `Id:             2\nName:           ${name}\nUUID:           6695eb01-f6a4-8304-79aa-97f2502e193f\nState:          running\n` +
    `Persistent:     ${persistent}\nAutostart:      ${start}\nManaged save:   ${save}\nSecurity model: none\nMessages:       tainted: x\n\n`;

  for (const [name, persistent, save] of [
    ["web", "yes", "no"],
    ['awk & <"ü">', "no", "yes"],
    ["x\nPersistent:     yes\nManaged save:   yes", "no", "no"],
  ] as const) {
    it(`reads ${JSON.stringify(name)}`, () => {
      const expected = { isPersistent: persistent === "yes", hasManagedSave: save === "yes" };
      for (const start of ["enable", "disable"])
        assert.deepEqual(parseDomainInfo(info(name, persistent, save, start)), {
          ...expected,
          startsWithHost: start === "enable",
        });
    });
  }

  for (const text of [
    "",
    "error: x",
    info("x", "unknown", "no"),
    info("x", "yes", "unknown"),
    info("x", "ja", "nein"),
    info("x", "yes", "no", "unknown"),
  ]) {
    it(`refuses ${JSON.stringify(text.slice(-120))}`, () => {
      assert.throws(() => parseDomainInfo(text), AnswerError);
    });
  }
});

describe("parseBlockJob()", () => {
  const job = (current: string, end: string) =>
    ` type=Active Block Commit\n bandwidth=0\n cur=${current}\n end=${end}\n\n`;
  const table: readonly (readonly [string, number | undefined])[] = [
    ["", undefined],
    ["\n", undefined],
    [job("0", "0"), 0],
    [job("0", "1"), 0],
    [job("1", "1"), 100],
    [job("999", "1000"), 99],
    [job("18446744073709551614", "18446744073709551615"), 99],
    [job("1001", "1000"), 100],
  ];
  for (const [text, percent] of table) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(parseBlockJob(text)?.percent, percent);
    });
  }

  for (const text of [
    "No current block job for vda",
    "Active Block Commit: [ 10 %]",
    " type=x\n cur=-1\n end=1\n",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseBlockJob(text), AnswerError);
    });
  }
});
