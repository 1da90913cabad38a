// A backup beside which something is noted. Types only.

/** A backup by its place and its own id. */
export interface RecordedBackup {
  /** Absolute. */
  readonly path: string;
  readonly folderName: string;
  readonly backupId: string;
}
