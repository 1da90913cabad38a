// What a host says of itself and of the login, before any VM is looked at.

/** What libvirt keeps VMs apart with, and whether it is enforced where that can be told. */
export interface Confinement {
  /** Names such as `apparmor`, `selinux`. */
  readonly models: readonly string[];
  /** Undefined where there is no SELinux. */
  readonly selinux: "enforcing" | "permissive" | undefined;
}

/** Where guards lie on a host, and whether one could be armed there. */
export interface GuardFolder {
  readonly folder: string;
  /** Undefined when it can be used. */
  readonly trouble: string | undefined;
  readonly freeBytes: number | undefined;
}

/** How the login stands on the host. */
export interface Readiness {
  readonly user: string;
  readonly isRoot: boolean;
  /** Programs that a guard needs and that are not there. */
  readonly missingTools: readonly string[];
  readonly guardFolder: GuardFolder;
  /** Whether systemd ends what a login leaves behind. */
  readonly endsSessions: boolean;
  readonly selinux: Confinement["selinux"];
}
