import { LabRefusal } from "./lab-refusal.ts";

/** Refuses to go on without root. `missing` are packages to name, so that nobody has to come back for them. */
export function needRoot(missing: readonly string[] = []): void {
  if (process.getuid?.() === 0) return;
  const install =
    missing.length === 0 ? "" : `, or first: apt-get install --no-install-recommends ${missing.join(" ")}`;
  throw new LabRefusal(
    `Cannot work on a lab: its network and mount namespaces need root. Run it as root${install}`,
  );
}
