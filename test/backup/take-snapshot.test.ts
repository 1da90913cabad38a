import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { takeSnapshot, type FrozenDisks } from "../../lib/backup/3-take-snapshot.ts";
import type { Ports } from "../../lib/backup/ports.ts";
import type { VmEvent } from "../../lib/model/event.ts";
import type { VmFacts } from "../../lib/model/vm.ts";
import { logLine } from "../../lib/report/log-lines.ts";
import { buildPlannedBackup } from "../support/build-planned-vm.ts";
import { buildLayer, buildVmFacts } from "../support/build-vm-facts.ts";

const { stamp } = buildLayer();
const unwanted = (): never => assert.fail("A VM that is shut off is left alone");

/** Takes a VM that is shut off, and tells what came of it and what was told of it. */
async function takeShutOff(
  changes: Partial<VmFacts>,
  { wasRestored = false } = {},
): Promise<FrozenDisks & { readonly foreseen: string; readonly lines: readonly string[] }> {
  const {
    plan,
    consistency,
    whyNotFilesystem = "",
  } = buildPlannedBackup(buildVmFacts({ state: "shut-off", ...changes }), { wasRestored });
  const lines: string[] = [];
  const shell = {
    ...{ name: "kvm1", run: unwanted, runScript: unwanted },
    runAll: async (commands: readonly unknown[]) =>
      commands.map(() => ({ code: 0, stdout: stamp, stderr: "" })),
  };
  const emit = (event: VmEvent): void => {
    const line = logLine({ kind: "vm", host: "kvm1", vm: "web", event });
    lines.push(line?.text ?? "");
  };
  const frozen = await takeSnapshot(plan, undefined, { shell, emit } as Partial<Ports> as Ports);
  return { ...frozen, foreseen: `${consistency} ${whyNotFilesystem}`, lines };
}

describe("takeSnapshot() of a VM that is shut off", () => {
  const cases: Readonly<
    Record<string, readonly [Partial<VmFacts>, { readonly wasRestored?: boolean }, RegExp]>
  > = {
    "was shut down": [{ stateReason: "shutdown" }, {}, /^offline $/],
    "has not run since its host was booted": [{ stateReason: "unknown" }, {}, /^offline $/],
    "was destroyed": [{ stateReason: "destroyed" }, {}, /^crash it was destroyed, not shut down$/],
    "has a managed save": [{ hasManagedSave: true }, {}, /^crash its memory is in a managed save$/],
    "was on the overlay of a dead backup when its host was booted": [
      { stateReason: "unknown" },
      { wasRestored: true },
      /^crash an earlier backup of it died while it ran/,
    ],
  };
  for (const [name, [changes, options, expected]] of Object.entries(cases)) {
    it(`says what the copy of one is like that ${name}, as it was foreseen, and in the log`, async () => {
      const { consistency, whyNotFilesystem, foreseen, lines, stamps } = await takeShutOff(changes, options);
      assert.match(foreseen, expected);
      assert.equal(`${consistency} ${whyNotFilesystem ?? ""}`, foreseen);
      assert.equal(stamps.get(buildLayer().path), stamp);
      const skipped = "VM not running (state=shut off); skipping snapshot";
      const more = consistency === "crash" ? `, crash-consistent (${whyNotFilesystem ?? ""})` : "";
      assert.ok(
        lines.some((line) => line.endsWith(`${skipped}${more}`)),
        lines.join("\n"),
      );
    });
  }
});
