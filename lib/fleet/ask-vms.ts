// What only `doctor` asks about the VMs of a host: whether their agents answer, and what the login may do with their
// files. Reads only.

import type { HostShell } from "../backup/ports.ts";
import type { HostRequest } from "../config/host-request.ts";
import { settingsFor } from "../config/host-request.ts";
import { bootFilesOf, overlayFoldersOf, tpmStateOf } from "../doctor/judge-vm.ts";
import type { Surveyed } from "../doctor/host-checkup.ts";
import { parseSecurityModels } from "../hypervisor/parse-capabilities.ts";
import { XmlError } from "../hypervisor/xml-error.ts";
import { virsh } from "../hypervisor/virsh.ts";
import type { HostFacts, VmFacts } from "../model/vm.ts";
import { isActive } from "../plan/check-vm.ts";
import { Batch } from "./batch.ts";

/** An agent that takes longer would hold its guest frozen for longer too. */
const agentSeconds = 10;

/** One that is not there yet, as the variables of a VM that never ran, keeps nobody out. */
const isReadable = '[ -r "$1" ] || { [ -x "${1%/*}/" ] && [ ! -e "$1" ]; }';

type Asked = Pick<Surveyed, "confinement" | "doesAgentAnswer" | "unreadableFiles" | "closedFolders">;

/** Asks in two round trips, the agents last. @throws BackupError when the host cannot be asked. */
export async function askVms(
  shell: HostShell,
  { vms }: Pick<HostFacts, "vms">,
  request: HostRequest,
): Promise<Asked> {
  const commands = virsh(request.host.uri);
  const batch = new Batch();
  const capabilities = batch.ask(commands.capabilities());
  const states = vms.flatMap((vm) => tpmStateOf(vm, request.host) ?? []);
  const files = [...new Set(vms.flatMap(bootFilesOf))].filter(isPath);
  const readings = [
    ...files.map((path) => [path, batch.ask(["sh", "-c", isReadable, "sh", path])] as const),
    ...states.filter(isPath).map((path) => [path, batch.ask(["test", "-r", path])] as const),
  ];
  const folders = [...new Set(vms.filter(isActive).flatMap((vm) => foldersOf(vm, request)))].filter(isPath);
  // One that is not there is an obstacle of its own.
  const writings = folders.map(
    (path) => [path, batch.ask(["sh", "-c", '[ ! -d "$1" ] || [ -w "$1" ]', "sh", path])] as const,
  );
  await batch.send(shell);
  const refused = (asked: typeof readings): ReadonlySet<string> =>
    new Set(asked.filter(([, answer]) => answer().code === 1).map(([path]) => path));
  return {
    confinement: modelsIn(capabilities().code === 0 ? capabilities().stdout : ""),
    unreadableFiles: refused(readings),
    closedFolders: refused(writings),
    doesAgentAnswer: await askAgents(shell, vms, request),
  };
}

async function askAgents(
  shell: HostShell,
  vms: readonly VmFacts[],
  request: HostRequest,
): Promise<Asked["doesAgentAnswer"]> {
  const { uri } = request.host;
  const asked = vms.filter(
    ({ state, name, domain }) =>
      state === "running" &&
      domain.hasAgentChannel &&
      domain.agentConnected !== false &&
      settingsFor(request, name).quiesce !== "never",
  );
  if (asked.length === 0) return new Map();
  const commands = asked.map(({ uuid }) => virsh(uri).agentPing(uuid));
  const answers = await shell.runAll(commands, { deadlineSeconds: agentSeconds });
  return new Map(asked.map(({ uuid }, index) => [uuid, answers[index]?.code === 0]));
}

function foldersOf(vm: VmFacts, request: HostRequest): readonly string[] {
  return overlayFoldersOf(vm, settingsFor(request, vm.name).overlayDirectory);
}

function isPath(path: string): boolean {
  return path.startsWith("/") && !path.includes("\0");
}

function modelsIn(xml: string): readonly string[] | undefined {
  try {
    return parseSecurityModels(xml);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return undefined;
  }
}
