// What `virtfold verify` was asked for: flags, environment and .env → a checked request.

import { readSomeSettings } from "../config/settings.ts";
import type { Arguments, CommandShape } from "./arguments.ts";
import { describeProblem } from "./describe-problem.ts";
import { findStorePlace, type StoredPlace } from "./open-stored.ts";
import { usage } from "./usage.ts";

/** A checked request for verifications. */
export interface VerifyRequest extends StoredPlace {
  readonly targets: readonly string[];
  readonly concurrency: number;
  readonly olderThanSeconds: number | undefined;
  readonly samplePercent: number | undefined;
  readonly isJson: boolean;
}

/** The flags of `verify`. */
export const verifyShape: CommandShape = {
  name: "verify",
  summary:
    "Reads stored backups again: every byte against SHA256SUMS and the manifest, each image with qemu-img check, its backing\n" +
    "files and internal snapshots, the XML. Changes no backup; notes the result beside it, where list shows it.",
  argument: {
    name: "target",
    meaning:
      "HOST, HOST/VM, a GROUP, tag:NAME or a pattern, each also with @WHEN: @latest or @2026-11-23-012500; without one, the whole store",
  },
  flags: [
    { flags: "--older-than <time>", meaning: "only what was not verified for so long: days, or 12h, 3d, 2w" },
    {
      flags: "--sample <percent>",
      meaning: "only so many of them, those verified longest ago first (a number of 1 to 100)",
    },
    { flags: "--concurrency <n>", meaning: "backups read at once (default 4)", setting: "concurrency" },
    { flags: "--json", meaning: "print one JSON object per backup, and one at the end", setting: "json" },
  ],
  examples: [
    "--store /srv/backups/libvirt",
    "kvm1/ubuntu20@latest",
    "'rack1-*' --older-than 30d",
    "--sample 5 --quiet",
  ],
  exitCodeHelp: `
Exit codes:
  0    all that was read is good, or there was nothing to read
  1    a bug in virtfold
  2    usage or configuration
  3    a backup is damaged, or could not be verified: the sentences say which file and how
  130  interrupted; what was read by then is noted
`,
};

/** Checks the command line. @throws BackupError `usage` or `inventory-bad`. */
export async function readVerifyRequest(args: Extract<Arguments, { kind: "run" }>): Promise<VerifyRequest> {
  const place = await findStorePlace("verify", args);
  const reading = readSomeSettings(["concurrency", "json"], [...place.sources, place.inventory.run]);
  if ("problems" in reading) throw usage("verify", reading.problems.map(describeProblem).join("; "));
  const { concurrency, json } = reading.settings;
  return {
    ...place,
    targets: args.targets,
    concurrency: concurrency ?? 4,
    isJson: json ?? false,
    olderThanSeconds: readTime(args.extra["olderThan"]?.at(-1)),
    samplePercent: readPercent(args.extra["sample"]?.at(-1)),
  };
}

const secondsOf: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800 };

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = "d"] = /^(\d{1,5})([hdw]?)$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * (secondsOf[unit || "d"] ?? 0);
  throw usage(
    "verify",
    `--older-than cannot be ${JSON.stringify(text)}: days, or a number with h, d or w, such as 12h`,
  );
}

function readPercent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^\d{1,3}(?:\.\d{1,3})?%?$/.test(text) ? Number.parseFloat(text) : NaN;
  if (percent > 0 && percent <= 100) return percent;
  throw usage("verify", `--sample cannot be ${JSON.stringify(text)}: a percentage above 0, up to 100`);
}
