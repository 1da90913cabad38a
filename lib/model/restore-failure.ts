// Why a VM could not be brought back, as data. The sentences are in report/describe-restore-failure.ts.

import type { Misfit } from "./misfit.ts";

export type RestoreFailure =
  /** The store has no good backup of that VM of that moment. */
  | {
      readonly kind: "backup-not-found";
      readonly target: string;
      readonly store: string;
      /** The moments of which there are good ones, newest first. */
      readonly known: readonly string[];
      /** What is wrong with the one that was meant. */
      readonly broken: string | undefined;
    }
  /** The newest is known to be damaged, and no moment was named: which other one will do is a person's choice. */
  | {
      readonly kind: "newest-damaged";
      readonly target: string;
      readonly folderName: string;
      /** UTC, ISO 8601. */
      readonly verifiedAt: string;
      /** The newest that no verification found damaged. */
      readonly older: string | undefined;
    }
  /** The newest says that it was made in time to come, and no moment was named: its clock was wrong, or that of here is. */
  | {
      readonly kind: "newest-from-the-future";
      readonly target: string;
      readonly folderName: string;
      /** This machine's clock; UTC, ISO 8601. */
      readonly now: string;
      /** The newest that is not, and that no verification found damaged. */
      readonly older: string | undefined;
    }
  /** What lies in the store cannot be what a backup left there. */
  | { readonly kind: "backup-unusable"; readonly path: string; readonly detail: string }
  | {
      readonly kind: "restore-misfit";
      readonly host: string;
      readonly vm: string;
      readonly misfits: readonly Misfit[];
    }
  | {
      readonly kind: "push-failed";
      readonly host: string;
      readonly path: string;
      readonly code: number | null;
      readonly detail: string;
    }
  /** A block device could not be written to; what was on it is gone. */
  | {
      readonly kind: "device-failed";
      readonly host: string;
      readonly path: string;
      readonly code: number | null;
      readonly detail: string;
    }
  | { readonly kind: "host-full"; readonly host: string; readonly path: string }
  /** A file on the host is not what the manifest says of it. */
  | {
      readonly kind: "arrived-damaged";
      readonly host: string;
      readonly path: string;
      /** Whether it is damaged in the store already. */
      readonly isDamagedInStore: boolean;
    }
  /** The host's QEMU cannot open an image that arrived as it was sent. */
  | { readonly kind: "image-refused"; readonly host: string; readonly path: string; readonly detail: string }
  | {
      readonly kind: "define-failed";
      readonly host: string;
      readonly vm: string;
      /** Undefined when it was the VM itself. */
      readonly snapshot: string | undefined;
      readonly detail: string;
    }
  /** Nobody can tell whether the restored VM stays. */
  | { readonly kind: "restore-unknown"; readonly host: string; readonly vm: string; readonly detail: string };
