// The units in docs/systemd are what systemd accepts.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { settingRules } from "../../lib/config/setting-rules.ts";

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const hasProgram = spawnSync("systemd-analyze", ["--version"]).status === 0;

describe("docs/systemd", () => {
  const folder = mkdtempSync(join(tmpdir(), "virtfold-units-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("passes systemd-analyze verify", { skip: hasProgram ? false : "needs systemd-analyze" }, () => {
    // Where Node is differs; it is the only thing that verify looks for on this machine.
    const service = read("systemd/virtfold.service").replace("/usr/bin/node", "/bin/true");
    const files = { "virtfold.service": service, "virtfold.timer": read("systemd/virtfold.timer") };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const paths = Object.keys(files).map((name) => join(folder, name));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], {
      encoding: "utf8",
    });
    const ours = stderr.split("\n").filter((line) => line.includes("virtfold"));
    assert.deepEqual(ours, []);
    assert.equal(status, 0, stderr);
  });

  it("names only settings that there are", () => {
    const known = Object.values(settingRules).map(({ variable }) => variable);
    const texts = ["systemd/virtfold.service", "unattended.md"].map(read).join("\n");
    const named = new Set(texts.match(/VIRTFOLD_[A-Z_]+/g));
    named.delete("VIRTFOLD_TARGETS");
    assert.deepEqual(
      [...named].filter((name) => !known.includes(name)),
      [],
    );
  });

  it("makes the folder of the metrics one that its user may write into", () => {
    const text = read("unattended.md");
    const folder = dirname(/^VIRTFOLD_METRICS_FILE=(.*)$/m.exec(text)?.[1] ?? "");
    const user = /^User=(.*)$/m.exec(read("systemd/virtfold.service"))?.[1];
    const making = `install -d -g ${user} -m 775 ${folder}`;
    const metrics = text.indexOf("\n## Metrics\n");
    assert.ok(text.slice(0, metrics).includes(making), "in the steps");
    assert.ok(text.slice(metrics).includes(making), "where metrics are told of");
  });

  it("is told of in docs/unattended.md as it stands", () => {
    const text = read("unattended.md");
    for (const name of ["virtfold.service", "virtfold.timer"])
      assert.ok(text.includes(`systemd/${name}`), name);
  });
});
