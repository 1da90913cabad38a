// Hosts: the machines that run VMs.

/** A hypervisor as the operator names it. */
export interface Host {
  /** The name in messages and in the store; no path separators are assumed to be absent. */
  readonly name: string;
  /** What `ssh` is given: an alias from its configuration, or `user@address`. */
  readonly destination: string;
  /** The port from `user@host:port`, when one was given. */
  readonly port?: number;
  /** Where the host is, when its destination does not say so; what else an inventory says of the way to it follows. */
  readonly address?: string;
  readonly user?: string;
  /** Hosts on the way, as `ssh -J` takes them. */
  readonly jump?: string;
  readonly identityFile?: string;
  /** `ssh` when not given; `local`, or what only Ansible knows. */
  readonly connection?: string;
  /** The libvirt connection URI on the host, such as `qemu:///system`. */
  readonly uri: string;
  /** Whether everything on the host runs as root through `sudo -n`, because the login may not do it itself. */
  readonly sudo?: boolean;
}

/** Versions of the tools that both ends need, as they print them; undefined where a text names none. */
export interface ToolVersions {
  readonly qemuImg: string | undefined;
  readonly rsync: string | undefined;
}

/** Versions of what a host has. */
export interface HostVersions extends ToolVersions {
  readonly libvirt: string | undefined;
  readonly qemu: string | undefined;
}
