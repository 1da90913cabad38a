// What publishing a backup needs of the steps before it.

import type { StepName } from "../model/event.ts";
import type { PartialBackup } from "../store/partial-backup.ts";
import type { OverlayUse } from "./5-restore-host.ts";
import type { VerifiedCopies } from "./6-verify-copies.ts";

/** What the other steps found out. */
export interface PublishInput {
  readonly verified: VerifiedCopies;
  readonly partial: PartialBackup;
  readonly seconds: Readonly<Partial<Record<StepName, number>>>;
  readonly overlay: OverlayUse;
}
