// Commands to give virsh. Only commands and options that libvirt 1.2.9 had, checked by a test, except where a probe is
// named. VMs are addressed by UUID: a name may look like a number or an option, and another VM may take it over.
// What they print is read by parse-virsh.ts, and is only like that under LC_ALL=C.

import type { Command } from "../shell/command.ts";

/** A snapshot that sends the guest's writes to new overlay files. */
export interface ExternalSnapshot {
  readonly uuid: string;
  readonly name: string;
  /**
   * Every disk of the VM, CD-ROM drives too: libvirt gives an overlay to any that is not listed. Without a path the disk
   * is left out.
   */
  readonly disks: readonly { readonly target: string; readonly overlayPath: string | undefined }[];
}

/** The commit of the overlay that a running VM writes to. */
export interface ActiveCommit {
  readonly target: string;
  readonly basePath: string;
  readonly overlayPath: string;
}

/** What libvirt is to run; what is undefined it chooses itself. */
export interface MachineKind {
  readonly virtType: string | undefined;
  readonly emulator: string | undefined;
  readonly arch: string | undefined;
  readonly machine: string | undefined;
}

/**
 * One virsh that runs several virsh commands of the same connection, one after the other, and prints `separator` on a line
 * of its own between their answers. To start a virsh for each takes a host several times as long. Its exit code is that of
 * the last command, and what the others failed with is only to be seen on its standard error (vshCommandRun in
 * tools/vsh.c; in tools/virsh.c until 1.2.18).
 * @throws TypeError when a word is not plain: virsh takes the text apart by rules of its own.
 */
export function inOneVirsh(commands: readonly Command[], separator: string): Command {
  const [head = []] = commands.map((command) => command.slice(0, connectionWords));
  const parts = commands.map((command) => {
    const words = command.slice(connectionWords);
    const unfit = words.find((word) => !/^[\w{}=-]+$/.test(word));
    if (unfit !== undefined || !head.every((word, index) => command[index] === word))
      throw new TypeError(`Cannot be asked in one virsh: ${command.join(" ")}`);
    return words.join(" ");
  });
  return ["virsh", ...head.slice(1), parts.join(`; echo ${separator}; `)];
}

/** What several commands of one virsh printed, byte for byte as each would have alone; undefined when it is not whole. */
export function answersOfOneVirsh(
  stdout: string,
  separator: string,
  count: number,
): readonly string[] | undefined {
  // virsh ends each answer with a newline more than it has; that of `echo` has none of its own.
  const answers = stdout.split(`${separator}\n`);
  return answers.length === count ? answers : undefined;
}

/** `virsh -c URI` */
const connectionWords = 3;

/** The commands for one libvirt connection. */
export type VirshCommands = ReturnType<typeof virsh>;

/** virsh at a connection URI such as `qemu:///system`. */
export function virsh(uri: string) {
  const command = (...words: readonly string[]): Command => ["virsh", "-c", uri, ...words];
  return {
    version: () => command("version"),
    capabilities: () => command("capabilities"),
    listUuids: () => command("list", "--all", "--uuid"),
    domainState: (uuid: string) => command("domstate", uuid, "--reason"),
    domainInfo: (uuid: string) => command("dominfo", uuid),
    /** The definition in force; without passwords. */
    dumpXml: (uuid: string) => command("dumpxml", uuid),
    /** The definition for the next start, passwords included: not for logs. */
    dumpInactiveXml: (uuid: string) => command("dumpxml", uuid, "--inactive", "--security-info"),
    snapshotNames: (uuid: string) => command("snapshot-list", uuid, "--name"),
    /** Fails when there is no current snapshot, with nothing but its words to tell that from other trouble. */
    snapshotCurrent: (uuid: string) => command("snapshot-current", uuid, "--name"),
    /** Passwords included. The name may begin with `-`. */
    snapshotXml: (uuid: string, name: string) =>
      command("snapshot-dumpxml", uuid, `--snapshotname=${name}`, "--security-info"),
    snapshotCreate: (snapshot: ExternalSnapshot) => command(...snapshotWords(snapshot)),
    /** As guard.sh commits an overlay: into its own former base, and no further. */
    blockCommit: (uuid: string, { target, basePath, overlayPath }: ActiveCommit) =>
      command("blockcommit", uuid, target, "--active", "--base", basePath, "--top", overlayPath),
    /** As guard.sh ends a commit. */
    pivot: (uuid: string, target: string) => command("blockjob", uuid, target, "--pivot"),
    blockJob: (uuid: string, target: string) => command("blockjob", uuid, target, "--info", "--raw"),
    /** Asks the guest agent for the time: unlike `qemu-agent-command`, it leaves no taint on the VM. */
    agentPing: (uuid: string) => command("domtime", uuid),
    freeze: (uuid: string) => command("domfsfreeze", uuid),
    thaw: (uuid: string) => command("domfsthaw", uuid),
    /** Whether libvirt can run such a machine, and with which CPUs; each may be left to libvirt. */
    domainCapabilities: (machine: MachineKind) => command(...capabilityWords(machine)),
    volumePath: (pool: string, volume: string) => command("vol-path", `--pool=${pool}`, `--vol=${volume}`),
    /** Names as they are, one a line. */
    listNames: () => command("list", "--all", "--name"),
    domainUuid: (name: string) => command("domuuid", `--domain=${name}`),
    networkInfo: (name: string) => command("net-info", `--network=${name}`),
    /** Of a VM that is shut off, or that is not there: else its definition becomes this one. */
    define: (file: string) => command("define", file),
    /** The definition of a snapshot whose content is inside the images. */
    redefineSnapshot: (
      uuid: string,
      { file, isCurrent }: { readonly file: string; readonly isCurrent: boolean },
    ) =>
      command("snapshot-create", uuid, "--xmlfile", file, "--redefine", ...(isCurrent ? ["--current"] : [])),
    /** Of a VM that libvirt knows for as long as it runs, and not after. */
    create: (file: string) => command("create", file),
    /** Writes what the first screen of the guest shows to a file on the host: PPM, or PNG where QEMU is new. */
    screenshot: (uuid: string, file: string) => command("screenshot", uuid, "--file", file),
    /** Asks the guest agent something of its own protocol. */
    askAgent: (uuid: string, question: object) =>
      command("qemu-agent-command", uuid, JSON.stringify(question)),
    /** Starts a VM without defining it: once it ends, libvirt knows nothing of it. Its guest does not begin to run. */
    createPaused: (file: string) => command("create", file, "--paused"),
    start: (uuid: string) => command("start", uuid),
    startWithHost: (uuid: string) => command("autostart", uuid),
    /** Of a VM that is shut off; without its memory, of which there must be none. Deletes its variable store, if that is there. */
    undefine: (uuid: string) => command("undefine", uuid, "--snapshots-metadata", "--nvram"),
    /** Succeeds where virsh knows checkpoints (libvirt 5.6 and later). */
    probeCheckpoints: () => command("help", "checkpoint-list"),
    /** Only where probeCheckpoints has succeeded. */
    checkpointNames: (uuid: string) => command("checkpoint-list", uuid, "--name"),
  };
}

function capabilityWords(machine: MachineKind): readonly string[] {
  const { virtType, emulator, arch, machine: type } = machine;
  const options = { virttype: virtType, emulatorbin: emulator, arch, machine: type };
  return [
    "domcapabilities",
    ...Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
  ];
}

function snapshotWords({ uuid, name, disks }: ExternalSnapshot): readonly string[] {
  return [
    "snapshot-create-as",
    uuid,
    `--name=${name}`,
    "--disk-only",
    "--atomic",
    "--no-metadata",
    ...disks.flatMap(({ target, overlayPath }) => ["--diskspec", diskSpec(target, overlayPath)]),
  ];
}

/** virsh splits a diskspec at single commas and takes two of them for one (virsh.pod, snapshot-create-as). */
function diskSpec(target: string, overlayPath: string | undefined): string {
  if (overlayPath === undefined) return `${doubleCommas(target)},snapshot=no`;
  // virsh makes XML of it, in which these would become blanks or an error.
  // oxlint-disable-next-line no-control-regex
  if (!/^\/[^\0-\x1f\x7f]*$/.test(overlayPath))
    throw new TypeError(`Not a path for an overlay: ${JSON.stringify(overlayPath)}`);
  return `${doubleCommas(target)},snapshot=external,file=${doubleCommas(overlayPath)}`;
}

function doubleCommas(text: string): string {
  return text.replaceAll(",", ",,");
}
