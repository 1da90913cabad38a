import { readFile, rm, writeFile } from "node:fs/promises";
import { runLocal } from "../../lib/shell/run-local.ts";
import { exists } from "./exists.ts";
import { LabRefusal } from "./lab-refusal.ts";
import { needRoot } from "./need-root.ts";
import { runChecked } from "./run-checked.ts";
import { withLock } from "./with-lock.ts";

const policyFile = "/usr/sbin/policy-rc.d";
const policy =
  "#!/bin/sh\n# Made by the virtfold laboratory while it installs packages, so that no service starts.\nexit 101\n";
const installSeconds = 900;

/** Tells a person what takes a while. */
export type Progress = (line: string) => void;

/** Installs what is missing of these packages, without starting any service; says what to install when it may not. */
export async function needPackages(packages: readonly string[], progress?: Progress): Promise<void> {
  const missing = await missingPackages(packages);
  needRoot(missing);
  if (missing.length === 0) return;
  progress?.(`installing with apt: ${missing.join(" ")}`);
  await withLock("packages.lock", installSeconds, () => withoutServices(() => install(missing)));
}

/** Does something with apt, and once more with fresh package lists if it fails. */
export async function withFreshLists<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    await runChecked(["apt-get", "update"], { deadlineSeconds: 300 });
    return work();
  }
}

async function missingPackages(packages: readonly string[]): Promise<string[]> {
  const show = [
    "dpkg-query",
    "--show",
    "--showformat",
    "${db:Status-Abbrev} ${Package}\\n",
    ...packages,
  ] as const;
  const { stdout, code } = await runLocal(show, { deadlineSeconds: 30 });
  if (code === 127) throw new LabRefusal("Cannot build a lab: it needs a Debian or Ubuntu machine with apt");
  const installed = [...stdout.matchAll(/^ii\s+(\S+)$/gm)].map((match) => match[1]);
  return packages.filter((name) => !installed.includes(name));
}

async function install(packages: readonly string[]): Promise<void> {
  const options = ["--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
  await withFreshLists(() =>
    runChecked(["apt-get", "install", ...options, ...packages], {
      deadlineSeconds: installSeconds,
      environment: { DEBIAN_FRONTEND: "noninteractive" },
    }),
  );
}

async function withoutServices(work: () => Promise<void>): Promise<void> {
  const foreign = (await exists(policyFile)) && (await readFile(policyFile, "utf8")) !== policy;
  if (foreign) return work();
  await writeFile(policyFile, policy, { mode: 0o755 });
  try {
    await work();
  } finally {
    await rm(policyFile, { force: true });
  }
}
