// A run's result → Prometheus' text format, for node_exporter's textfile collector. Pure.

import type { RunFinished, VmResult, VmResultKind } from "./run-result-schema.ts";

/** The exit code that a run with only this VM would have. */
const resultCodes: { readonly [Result in VmResultKind]: number } = {
  ok: 0,
  degraded: 5,
  failed: 3,
  refused: 3,
  interrupted: 130,
  bug: 1,
  "not-reached": 3,
};

const lastSuccess = "virtfold_last_success_timestamp_seconds";

/**
 * The metrics of a run. `before` is what an earlier run has written: when each VM was last backed up is taken from it,
 * also for VMs that this run had nothing to do with.
 */
export function metricsText(result: RunFinished, before: string): string {
  const { vms, hosts } = result;
  const ofVms = (value: (vm: VmResult) => number | undefined): readonly Sample[] =>
    vms.flatMap((vm) => sample(labelsOf(vm), value(vm)));
  return [
    metric(lastSuccess, "When a backup of the VM was last published", [...successes(result, before)]),
    metric(
      "virtfold_vm_result",
      "How the last run ended for the VM, as an exit code: 0 ok, 5 degraded, 3 failed, 4 host needs a person",
      ofVms((vm) => (vm.leftOnHost.length > 0 ? 4 : resultCodes[vm.result])),
    ),
    metric(
      "virtfold_vm_duration_seconds",
      "How long the VM's backup took",
      ofVms((vm) => vm.seconds),
    ),
    metric(
      "virtfold_vm_copied_bytes",
      "Bytes of disks copied",
      ofVms((vm) => vm.copiedBytes),
    ),
    metric(
      "virtfold_vm_sent_bytes",
      "Bytes that came over the link for them",
      ofVms((vm) => vm.sentBytes),
    ),
    metric(
      "virtfold_vm_stored_bytes",
      "Space the backup takes in the store",
      ofVms((vm) => vm.storedBytes),
    ),
    metric(
      "virtfold_vm_on_overlay_seconds",
      "How long the VM ran on overlays",
      ofVms((vm) => vm.secondsOnOverlay),
    ),
    metric(
      "virtfold_host_reached",
      "Whether the host could be asked for its VMs",
      hosts.map(({ host, isSurveyed }) => [labels({ host }), isSurveyed ? 1 : 0]),
    ),
    metric("virtfold_run_exit_code", "Exit code of the last run", [["", result.exitCode]]),
    metric("virtfold_run_timestamp_seconds", "When the last run ended", [["", unixSeconds(result.at)]]),
    metric("virtfold_run_duration_seconds", "How long the last run took", [["", result.seconds]]),
  ].join("");
}

/** Labels as text, and the value. */
type Sample = readonly [labels: string, value: number];

function metric(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([text, value]) => `${name}${text} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function successes({ vms }: RunFinished, before: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  // The labels are kept as they stand there: we have written them.
  for (const [, text = "", value = ""] of before.matchAll(earlierSuccess)) found.set(text, Number(value));
  for (const vm of vms) {
    const isPublished = vm.result === "ok" || vm.result === "degraded";
    if (isPublished && vm.endedAt !== undefined) found.set(labelsOf(vm), unixSeconds(vm.endedAt));
  }
  return found;
}

const earlierSuccess = new RegExp(
  String.raw`^${lastSuccess}(\{host="(?:[^"\\\n]|\\.)*",vm="(?:[^"\\\n]|\\.)*"\}) (\d+(?:\.\d+)?)$`,
  "gm",
);

const labelsOf = ({ host, vm }: VmResult): string => labels({ host, vm });

function labels(values: Readonly<Record<string, string>>): string {
  return `{${Object.entries(values)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",")}}`;
}

/** As the format wants it: nothing but these three is escaped, and every name stays different from all others. */
function escapeLabel(value: string): string {
  return value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function sample(text: string, value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [[text, value]];
}

const unixSeconds = (moment: string): number => Date.parse(moment) / 1000;
