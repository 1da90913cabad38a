// The line for cron in docs/unattended.md is one that cron and virtfold accept, and does what the units do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { readArguments } from "../../lib/cli/arguments.ts";
import { backupShape } from "../../lib/cli/backup-request.ts";
import { parseTarget } from "../../lib/config/target.ts";

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const guide = read("unattended.md");
const line = /^The same from cron[\s\S]*?\n```\n(.*)\n```$/m.exec(guide)?.[1] ?? "";

/** Of a line in /etc/cron.d: minute, hour, day, month, weekday, user, command. */
const [, when = "", user, command = ""] = /^((?:\S+\s+){5})(\S+)\s+(.*)$/.exec(line) ?? [];

/** Least and greatest value of each of the five fields. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** The value of a key in a unit. */
function unitValue(unit: "service" | "timer", key: string): string {
  return new RegExp(`^${key}=(.*)$`, "m").exec(read(`systemd/virtfold.${unit}`))?.[1] ?? "";
}

describe("the line for cron", () => {
  it("has five fields of a time, the same as that of the timer", () => {
    const fields = when.trimEnd().split(/\s+/);
    for (const [index, [least, greatest]] of ranges.entries()) {
      const numbers = fields[index]?.match(/\d+/g) ?? [];
      assert.match(fields[index] ?? "", /^(?:\*|\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)(?:\/\d+)?$/);
      for (const number of numbers) assert.ok(Number(number) >= least && Number(number) <= greatest, line);
    }
    const [minute, hour, ...days] = fields;
    const [, timerHour, timerMinute] =
      /^\*-\*-\* (\d\d):(\d\d):00$/.exec(unitValue("timer", "OnCalendar")) ?? [];
    assert.deepEqual([Number(hour), Number(minute)], [Number(timerHour), Number(timerMinute)]);
    assert.deepEqual(days, ["*", "*", "*"]);
  });

  it("runs as the user of the service, in its folder, what the service runs", () => {
    assert.equal(user, unitValue("service", "User"));
    const folder = unitValue("service", "WorkingDirectory");
    const program = unitValue("service", "ExecStart")
      .replace("/usr/bin/", "")
      .replace(/ \$VIRTFOLD_TARGETS$/, "");
    assert.ok(command.startsWith(`cd ${folder} && exec ${program} `), command);
    // To cron it is the end of a line.
    assert.doesNotMatch(command, /%/);
  });

  it("gives backup arguments that it accepts: the targets of the service, and --quiet", () => {
    const [, words = ""] = / scripts\/backup\.ts (.*)$/.exec(command) ?? [];
    assert.doesNotMatch(words, /["'\\$`*?<>|&;]/, "a shell would read it otherwise than this test");
    const args = readArguments(backupShape, "0", words.split(/\s+/));
    assert.ok(args.kind === "run");
    const targets = /^VIRTFOLD_TARGETS=(.*)$/m.exec(guide)?.[1]?.split(" ");
    assert.deepEqual(args.targets, targets);
    for (const target of args.targets) assert.ok(parseTarget(target, { uri: "" }), target);
    assert.deepEqual(args.extra, {});
    assert.deepEqual(args.texts, { quiet: "true" });
  });
});
