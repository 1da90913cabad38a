// Rounds of backups with faults, until the time is over.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { openFaultLab, type FaultLab } from "../fault-lab.ts";
import { faults } from "../faults.ts";
import type { VmKind } from "../subjects.ts";
import { describeRound, planRound } from "./plan-round.ts";
import { seededRandom } from "./random.ts";
import { soakRound, type RoundResult } from "./soak-round.ts";

/** How long, with which dice, and where what was thrown is kept. */
export interface SoakWish {
  readonly minutes: number;
  readonly seed: number;
  readonly file: string;
  readonly say: (line: string) => void;
}

/** Three disks of two formats, one disk, and a block device. */
const vms: readonly VmKind[] = ["db", "web", "block"];

/** Begins no round when the time is over. True when everything was as it must be in each of them. */
export async function runSoak({ minutes, seed, file, say }: SoakWish): Promise<boolean> {
  const lines: string[] = [];
  const tell = async (line: string): Promise<void> => {
    say(line);
    lines.push(`${line}\n`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, lines.join(""));
  };
  const end = performance.now() + minutes * 60_000;
  const random = seededRandom(seed);
  const results: (RoundResult | "wrong")[] = [];
  await tell(`Soak: seed ${seed}, ${minutes} min`);
  const lab = await openFaultLab(vms);
  try {
    while (performance.now() < end) {
      const round = planRound(random, faults);
      const since = performance.now();
      const result = await tried(lab, () => soakRound(lab, round, vms));
      results.push(result.kind);
      const seconds = Math.round((performance.now() - since) / 1000);
      await tell(`${results.length}. ${describeRound(round)}: ${result.kind}, ${seconds} s${result.detail}`);
    }
  } finally {
    await lab.close();
  }
  const count = (kind: RoundResult | "wrong"): number => results.filter((one) => one === kind).length;
  await tell(
    `Soak: seed ${seed}: ${results.length} rounds: ${count("good")} good, ${count("restored")} restored, ` +
      `${count("recovered")} recovered, ${count("wrong")} wrong`,
  );
  return results.length > 0 && count("wrong") === 0;
}

interface Tried {
  readonly kind: RoundResult | "wrong";
  readonly detail: string;
}

/** A round that goes wrong is told, and the next one begins with VMs made anew. */
async function tried(lab: FaultLab, round: () => Promise<RoundResult>): Promise<Tried> {
  try {
    const kind = await round();
    await lab.makeReady();
    return { kind, detail: "" };
  } catch (error) {
    await lab.makeReady({ isBroken: true });
    return {
      kind: "wrong",
      detail: `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    };
  }
}
