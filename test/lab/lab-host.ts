import type { Command } from "../../lib/shell/command.ts";
import type { LocalOptions, LocalResult } from "../../lib/shell/run-local.ts";
import type { VmSpec } from "./vm-spec.ts";

/** Which generations of libvirt a host can have: the machine's own, or a Debian release's. */
export const suites = ["machine", "bullseye", "bookworm", "trixie"] as const;

/** One of the generations. */
export type Suite = (typeof suites)[number];

/** A hypervisor of the laboratory, for tests: commands and faults go in from outside, not over ssh. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly suite: Suite;
  /** Runs a command inside the host's namespaces, as root, with a clean environment. */
  run(command: Command, options?: LocalOptions): Promise<LocalResult>;
  /** Like `run`, but throws when the command fails, and returns what it printed. */
  check(command: Command, options?: LocalOptions): Promise<string>;
  /** Where this machine finds a file of the host. Below /var/lib/libvirt and /srv also while the host is off. */
  path(insidePath: string): string;
  /** Pulls the network cable: nothing arrives, nothing is refused. */
  cutNetwork(): Promise<void>;
  mendNetwork(): Promise<void>;
  /** A power cut: every process is gone at once and no connection is closed properly. */
  kill(): Promise<void>;
  /** Boots the host again after `kill`. Its VMs are shut off then. Harmless when it runs. */
  start(): Promise<void>;
  /** Whether it runs. */
  isUp(): Promise<boolean>;
  /** The last number that the guest says it has written; 0 when it has said nothing yet. */
  guestSequence(vm: string): Promise<number>;
  /** What the guest printed on its serial line since its log was begun (at most the last 64 KiB). */
  guestLog(vm: string): Promise<string>;
  /** Waits until the guest writes and (unless told not to) its agent answers. */
  waitForGuest(vm: string, options?: { limitSeconds?: number; agent?: boolean }): Promise<void>;
  /** Runs shell text inside the guest through its agent and returns what it printed. */
  guestExec(vm: string, shellText: string, options?: { limitSeconds?: number }): Promise<string>;
  /** Makes one more VM with its disks, and starts it if its description says so. Replaces one of the same name. */
  defineVm(spec: VmSpec): Promise<void>;
}
