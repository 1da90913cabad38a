// A fresh look at a VM whose turn has come: in a long run the survey may be hours old.

import type { HostShell } from "../backup/ports.ts";
import type { Host } from "../model/host.ts";
import type { HostFacts } from "../model/vm.ts";
import { surveyHost } from "./survey.ts";

/** A VM as the survey of its whole host found it, and the way there. */
export interface VmToLookAt {
  readonly session: { readonly host: Host; readonly shell: HostShell };
  readonly settings: { readonly overlayDirectory: string | undefined };
  readonly vm: { readonly uuid: string };
  readonly facts: Pick<HostFacts, "imageUsers">;
}

/**
 * Surveys the one VM. Who shares images with whom only a look at all VMs can tell: that is taken from the survey.
 * @throws BackupError as `surveyHost` does.
 */
export async function lookAgain({ session, settings, vm, facts }: VmToLookAt): Promise<HostFacts> {
  const { overlayDirectory } = settings;
  const { host, shell } = session;
  const fresh = await surveyHost(shell, {
    uri: host.uri,
    overlayDirectoryOf: () => overlayDirectory,
    uuids: [vm.uuid],
  });
  return { ...fresh, imageUsers: facts.imageUsers };
}
