// Who else uses a stored backup. Types only.

/** Somebody reads or removes a backup, or nobody can tell from here that he does not. */
export interface ForeignClaim {
  /** Of the backup. */
  readonly path: string;
  readonly by: "reading" | "removing";
  readonly state: "alive" | "unknown";
  /** The file that says so. */
  readonly note: string;
  /** Undefined when it does not say who. */
  readonly holder: { readonly user: string; readonly machine: string; readonly pid: number } | undefined;
}
