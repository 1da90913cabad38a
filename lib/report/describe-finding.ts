// A finding → what it is, what to do about it, and commands for that.

import type { AgentState, Finding, FindingPlace, Judgement } from "../model/finding.ts";
import type { HostVersions, ToolVersions } from "../model/host.ts";
import type { Confinement } from "../model/readiness.ts";
import { describeBug } from "./describe-bug.ts";
import { describeFailure } from "./describe-failure.ts";
import { describeFoundLeftover } from "./describe-found-leftover.ts";
import { describeObstacle } from "./describe-obstacle.ts";
import { describeStoreFinding } from "./describe-store-finding.ts";
import { describeCanary } from "./describe-canary.ts";
import { describeDegradation, describeWarning } from "./describe-warning.ts";
import { formatBytes } from "./format.ts";
import { findingWords, type FindingWords } from "./finding-words.ts";
import { harmless, words } from "./wording.ts";

/** The words for a finding at its place. */
export function describeFinding({ place, finding }: Pick<Judgement, "place" | "finding">): FindingWords {
  switch (finding.kind) {
    case "tools-here":
      return findingWords(`On this machine: ${versionsOf(finding.versions)}, ssh`);
    case "failed":
      return withCommand(describeFailure(finding.reason), finding.reason);
    case "reached":
      return findingWords(reached(finding));
    case "data-path":
      return describeDataPath(finding, hostOf(place));
    case "tools-missing":
      return findingWords(words`These programs are missing, which the host's guard needs: ${finding.tools}`, {
        remedy: "Install them on the host",
      });
    case "versions":
      return findingWords(versionsOf(finding.versions));
    case "known-bug": {
      const { tool, text, remedy } = describeBug(finding.bug);
      return findingWords(`${tool} ${harmless(finding.version ?? "")} ${text}`, { remedy });
    }
    case "guard-folder":
      return describeGuardFolder(finding);
    case "session-ends":
      return findingWords(
        words`systemd ends what the login ${finding.user} leaves behind, and so the guard that restores the host`,
        {
          remedy: "On the host, as root, run",
          commands: [words`loginctl enable-linger ${{ shell: finding.user }}`],
        },
      );
    case "confinement":
      return findingWords(confinementText(finding));
    case "canary":
      return describeCanary(finding);
    case "vms-found":
      return findingWords(vmsFound(finding));
    case "left-over":
      return describeFoundLeftover(hostOf(place), finding.recovery);
    case "vm-ready":
      return findingWords(
        finding.disks === 1 ? "can be backed up, 1 disk" : `can be backed up, ${finding.disks} disks`,
      );
    case "obstacle":
      return findingWords(describeObstacle(hostOf(place), vmOf(place), finding.obstacle));
    case "degraded":
      return findingWords(`Its backup would be less than whole: ${describeDegradation(finding.degradation)}`);
    case "vm-warning":
      return describeVmWarning(vmOf(place), finding);
    case "agent":
      return findingWords(...agentWords[finding.state]);
    case "unreadable-files":
      return findingWords(words`The login cannot read ${finding.paths}, which belong to the VM`, {
        remedy: "Log in as root, or become root with --sudo (docs/sudo.md)",
      });
    case "closed-folder":
      return findingWords(
        words`The login cannot write in ${finding.directory}, so it could never delete an overlay there`,
        {
          remedy:
            "Log in as root, become root with --sudo (docs/sudo.md), or name another folder with --overlay-dir",
        },
      );
    default:
      return describeStoreFinding(finding);
  }
}

/** A command that ends its sentence stands for itself, so that it can be copied. */
function withCommand(sentence: string, reason: object): FindingWords {
  const command =
    "command" in reason && typeof reason.command === "string" ? harmless(reason.command, Infinity) : "";
  if (command === "" || !sentence.endsWith(`: ${command}`)) return findingWords(sentence);
  const text = sentence.slice(0, -command.length - 2);
  const [remedy = ""] = /(?<=\. )[^.]*$/.exec(text) ?? [];
  return {
    text: text.slice(0, text.length - remedy.length).replace(/\. $/, ""),
    remedy,
    commands: [command],
  };
}

function hostOf(place: FindingPlace): string {
  return "host" in place ? place.host : "";
}

function vmOf(place: FindingPlace): string {
  return place.kind === "vm" ? place.vm : "";
}

function versionsOf(versions: ToolVersions & Partial<HostVersions>): string {
  const { libvirt, qemu, qemuImg, rsync } = versions;
  const named = { libvirt, QEMU: qemu, "qemu-img": qemuImg, rsync };
  const known = Object.entries(named).filter(
    ([name]) => "libvirt" in versions || !["libvirt", "QEMU"].includes(name),
  );
  return known.map(([name, version]) => `${name} ${harmless(version ?? "of an unknown version")}`).join(", ");
}

function reached({ user, isRoot, sudo }: Extract<Finding, { kind: "reached" }>): string {
  const as = words`Reached, its key is known; commands run as ${user}`;
  return sudo ? `${as} through sudo` : isRoot ? as : `${as}, who is not root`;
}

function describeDataPath(
  { isOpen, detail }: Extract<Finding, { kind: "data-path" }>,
  host: string,
): FindingWords {
  if (isOpen) return findingWords("rsync over OpenSSH brings files from it");
  return findingWords(words`rsync over OpenSSH brings nothing from it: ${{ raw: detail || "no detail" }}`, {
    remedy: "Commands reach the host, so look whether ssh does, and with --sudo at the rules of docs/sudo.md",
    commands: [words`ssh -v ${{ shell: host }} true`],
  });
}

function describeGuardFolder({
  folder,
  trouble,
  freeBytes,
}: Extract<Finding, { kind: "guard-folder" }>): FindingWords {
  if (trouble !== undefined)
    return findingWords(words`No guard can be armed in ${folder}: ${{ raw: trouble }}`, {
      remedy: "See that the login can make that folder and write in it",
    });
  const free = freeBytes === undefined ? "an unknown amount" : formatBytes(freeBytes);
  const text = words`Guards are armed in ${folder}, ${{ raw: free }} free`;
  return findingWords(text);
}

function confinementText({ models, selinux }: Confinement): string {
  if (models.length === 0) return "libvirt keeps VMs apart with nothing";
  const named = models.map((model) => (model === "selinux" && selinux ? `${model} (${selinux})` : model));
  return `libvirt keeps VMs apart with ${named.map((name) => harmless(name)).join(", ")}`;
}

function vmsFound({ vms, leftOut }: Extract<Finding, { kind: "vms-found" }>): string {
  const found = vms === 1 ? "1 VM found" : `${vms} VMs found`;
  return leftOut.length === 0 ? found : words`${{ raw: found }}; left out by the inventory: ${leftOut}`;
}

function describeVmWarning(vm: string, { warning }: Extract<Finding, { kind: "vm-warning" }>): FindingWords {
  if (warning.kind !== "foreign-overlay") return findingWords(describeWarning(warning));
  return findingWords(describeWarning(warning), {
    remedy: "When the tool that made it needs it no longer, fold it back on the host, while the VM runs",
    commands: [
      words`virsh blockcommit ${{ shell: vm }} ${{ shell: warning.target }} --active --shallow --pivot --wait`,
    ],
  });
}

const install = "Install and start qemu-guest-agent in the guest, to have its file systems frozen";
const agentWords: { readonly [State in AgentState]: Parameters<typeof findingWords> } = {
  answers: ["its guest agent answers"],
  silent: [
    "its guest agent does not answer within 10 s, so its backup would be crash-consistent",
    { remedy: "Restart qemu-guest-agent in the guest" },
  ],
  "not-connected": [
    "its guest agent is not connected, so its backup would be crash-consistent",
    { remedy: install },
  ],
  "no-channel": [
    "it has no channel for a guest agent, so its backup would be crash-consistent",
    { remedy: "Add the channel org.qemu.guest_agent.0 to its definition, and qemu-guest-agent to the guest" },
  ],
};
