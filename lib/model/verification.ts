// What reading a stored backup again has shown. Types only.

/** What can be wrong with one file of a backup. */
export const damageKinds = [
  "missing",
  "unreadable",
  /** A folder, link or device where a file should be. */
  "not-a-file",
  "length",
  /** Its content is not what was written. */
  "checksum",
  /** Something wrote to it while it was read. */
  "changing",
  /** It cannot be read as what it should be: an image, XML, a manifest, a list of checksums. */
  "malformed",
  /** It says something else than the rest of the backup. */
  "contradiction",
] as const;
export type DamageKind = (typeof damageKinds)[number];

/** One thing that is wrong with a backup. */
export interface Damage {
  readonly kind: DamageKind;
  /** A path inside the backup's folder. */
  readonly fileName: string;
  /** For people, in few words. Parts of it come from the store: display it with care. */
  readonly detail: string;
}

/** What a verification found. "unchecked": it could not be carried out, and says nothing of the backup. */
export const verificationStates = ["good", "damaged", "unchecked"] as const;
export type VerificationState = (typeof verificationStates)[number];

/** What became of one backup that was to be verified. */
export interface Verification {
  readonly host: string;
  readonly vm: string;
  /** Absolute. */
  readonly path: string;
  readonly folderName: string;
  readonly state: VerificationState;
  /** All of it, at most `mostDamages`. */
  readonly damages: readonly Damage[];
  /** Why it could not be carried out. */
  readonly detail: string | undefined;
  /** Bytes read, holes included. */
  readonly bytes: number;
  readonly seconds: number;
  /** Why the result could not be put into the store; undefined when it is there, or does not belong there. */
  readonly recordProblem: string | undefined;
}

/** So many are told of one backup. */
export const mostDamages = 100;

/** Why a backup was passed over: no fault of it. */
export type PassedOver = "being-removed" | "gone";

/** What happens while backups are verified. */
export type VerifyEvent =
  | {
      readonly kind: "verify-started";
      readonly store: string;
      readonly backups: number;
      readonly bytes: number;
    }
  /** `bytes` of all backups together, read so far. */
  | { readonly kind: "verify-progress"; readonly bytes: number }
  | { readonly kind: "verified"; readonly result: Verification }
  | { readonly kind: "passed-over"; readonly path: string; readonly why: PassedOver }
  /** A folder that this user may not look into: what is in it is not verified. */
  | { readonly kind: "closed-folder"; readonly path: string }
  /** Nothing could be written that keeps it from being removed meanwhile. */
  | { readonly kind: "not-held"; readonly path: string; readonly detail: string }
  | { readonly kind: "stopping"; readonly signal: string };
