// Why a backup cannot be drilled as it was asked for, as data.

/**
 * "no-agent", "no-serial": the VM has no channel for the sign of life that is to be waited for. "qemu-arguments": its
 * definition has arguments for QEMU that could give it a network or files of the host.
 */
export interface DrillRefusal {
  readonly kind: "drill-impossible";
  readonly vm: string;
  readonly why: "no-agent" | "no-serial" | "qemu-arguments" | "no-backup";
}
