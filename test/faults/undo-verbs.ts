// Each verb that guard.sh can undo, with a real change for it to undo.

import type { UndoVerb } from "../../lib/guard/undo-action.ts";
import type { LabHost } from "../lab/lab-host.ts";
import { waitUntil } from "../lab/wait-until.ts";
import { armLabGuard } from "./lab-guard.ts";
import { smallFolder } from "./small-file-system.ts";

/** The VM that is changed, and the id of the backup that is said to have done it. */
export interface Changed {
  readonly host: LabHost;
  readonly vm: string;
  readonly uuid: string;
  readonly backupId: string;
}

/** A change to a host, as a backup makes it, and what undoes it. */
export interface UndoCase {
  readonly verb: UndoVerb;
  /** What is recorded besides the verb. */
  fields(changed: Changed): readonly string[] | Promise<readonly string[]>;
  make(changed: Changed): Promise<void>;
  /** Whether the change is there. */
  isThere(changed: Changed): Promise<boolean>;
  /** Undoes what had to be done besides, to make the change. */
  cleanUp?(changed: Changed): Promise<void>;
}

const base = "/var/lib/libvirt/images/web.qcow2";
const overlayIn = (folder: string, { backupId }: Changed): string =>
  `${folder}/vda.virtfold-${backupId}.qcow2`;
const besideBase = (changed: Changed): string => overlayIn("/var/lib/libvirt/images", changed);
const cloneOf = ({ backupId }: Changed): string => `/var/lib/libvirt/images/vda.virtfold-${backupId}.clone`;

const createdBy = ({ backupId }: Changed): string =>
  `/var/lib/libvirt/images/new.virtfold-${backupId}.restoring`;
const keptBy = ({ backupId }: Changed): string => `/srv/old.virtfold-${backupId}.replaced`;
const before = "/srv/undo-move-back";
const movedTo = ({ backupId }: Changed): string => `${before}.virtfold-${backupId}`;
/** Another VM's than the one that runs. */
const restored = "11111111-2222-4333-8444-555555555555";
const drilled = ({ backupId }: Changed): string => `drill-web.virtfold-${backupId}`;
const restoredXml =
  `<domain type='qemu'><name>undo restored</name><uuid>${restored}</uuid><memory>1024</memory>` +
  "<os><type arch='x86_64'>hvm</type></os></domain>";

/** All of them. */
export const undoCases: readonly UndoCase[] = [
  {
    verb: "fold-overlay",
    fields: (changed) => [changed.uuid, "vda", besideBase(changed), base],
    make: (changed) => putOnOverlay(changed, besideBase(changed)),
    isThere: async ({ host, vm }) => (await host.check(["virsh", "domblklist", vm])).includes(".virtfold-"),
  },
  {
    verb: "thaw-guest",
    fields: ({ uuid }) => [uuid],
    make: async ({ host, vm }) => void (await host.check(["virsh", "domfsfreeze", vm])),
    isThere: async ({ host, vm }) => {
      const question = '{"execute":"guest-fsfreeze-status"}';
      return (await host.check(["virsh", "qemu-agent-command", vm, question])).includes("frozen");
    },
  },
  {
    verb: "resume-guest",
    fields: ({ uuid }) => [uuid],
    make: pauseByFullDisk,
    isThere: async ({ host, vm }) => (await host.check(["virsh", "domstate", vm])).includes("paused"),
    cleanUp: async (changed) => {
      const guard = await armLabGuard(changed.host, changed);
      await guard.record("fold-overlay", changed.uuid, "vda", overlayIn(smallFolder, changed), base);
      const { code, stdout } = await guard.restore();
      if (code !== 0) throw new Error(`The overlay is not folded: ${stdout}`);
    },
  },
  {
    verb: "remove-clone",
    fields: (changed) => [changed.uuid, cloneOf(changed)],
    make: async (changed) => void (await changed.host.check(["cp", base, cloneOf(changed)])),
    isThere: async (changed) => (await changed.host.run(["test", "-e", cloneOf(changed)])).code === 0,
  },
  {
    verb: "remove-created",
    fields: (changed) => [restored, createdBy(changed)],
    make: async (changed) => void (await changed.host.check(["cp", base, createdBy(changed)])),
    isThere: async (changed) => (await changed.host.run(["test", "-e", createdBy(changed)])).code === 0,
  },
  {
    verb: "move-back",
    fields: async (changed) => {
      await changed.host.check(["touch", before]);
      const identity = await changed.host.check(["stat", "-c", "%d:%i", before]);
      return [restored, movedTo(changed), before, identity.trim()];
    },
    make: async (changed) => void (await changed.host.check(["mv", before, movedTo(changed)])),
    isThere: async (changed) => (await changed.host.run(["test", "-e", movedTo(changed)])).code === 0,
    cleanUp: async ({ host }) => void (await host.check(["rm", before])),
  },
  {
    verb: "undefine-created",
    fields: () => [restored, "undo restored"],
    make: async ({ host }) => {
      const define = 'printf "%s" "$1" >/run/restored.xml && virsh define /run/restored.xml';
      await host.check(["sh", "-c", define, "sh", restoredXml]);
    },
    isThere: async ({ host }) => (await host.run(["virsh", "domstate", restored])).code === 0,
  },
  {
    verb: "clear-created",
    fields: (changed) => [restored, createdBy(changed)],
    make: async (changed) => {
      await changed.host.check(["mkdir", createdBy(changed)]);
      await changed.host.check(["cp", base, `${createdBy(changed)}/vda.overlay`]);
    },
    isThere: async (changed) => (await changed.host.run(["test", "-e", createdBy(changed)])).code === 0,
  },
  {
    verb: "end-created",
    fields: (changed) => [restored, drilled(changed)],
    make: async (changed) => {
      const create = 'printf "%s" "$1" >/run/restored.xml && virsh create --paused /run/restored.xml';
      const xml = restoredXml.replace("undo restored", drilled(changed));
      await changed.host.check(["sh", "-c", create, "sh", xml]);
    },
    isThere: async ({ host }) => (await host.run(["virsh", "domstate", restored])).code === 0,
    cleanUp: async ({ host }) => void (await host.check(["sh", "-c", "rm -f /var/log/libvirt/qemu/drill-*"])),
  },
  {
    verb: "define-back",
    fields: async (changed) => {
      const define =
        'mkdir -p "$2" && printf "%s" "$1" >"$2/definition.xml" && virsh define "$2/definition.xml"';
      await changed.host.check(["sh", "-c", define, "sh", restoredXml, keptBy(changed)]);
      return [restored, keptBy(changed)];
    },
    make: async ({ host }) => void (await host.check(["virsh", "undefine", restored])),
    isThere: async ({ host }) => (await host.run(["virsh", "domstate", restored])).code !== 0,
    cleanUp: async (changed) => {
      await changed.host.check(["virsh", "undefine", restored]);
      await changed.host.check(["rm", "-r", keptBy(changed)]);
    },
  },
];

/** Takes the snapshot of a backup. */
async function putOnOverlay({ host, vm, backupId }: Changed, overlay: string): Promise<void> {
  const snapshot = ["--disk-only", "--atomic", "--no-metadata", "--diskspec", `vda,file=${overlay}`] as const;
  await host.check(["virsh", "snapshot-create-as", vm, backupId, ...snapshot]);
}

/** The overlay finds no room until the guest is paused; then there is room again. */
async function pauseByFullDisk(changed: Changed): Promise<void> {
  const { host, vm } = changed;
  const isPaused = async (): Promise<boolean> =>
    (await host.check(["virsh", "domstate", "--reason", vm])).includes("(I/O error)");
  await putOnOverlay(changed, overlayIn(smallFolder, changed));
  await host.run(["dd", "if=/dev/zero", `of=${smallFolder}/ballast`, "bs=1M"]);
  try {
    await writeMuch(changed);
  } catch (error) {
    // Its log alone may have reached a new block of the overlay already, or does before the agent has answered.
    if (!(await isPaused())) throw error;
  }
  await waitUntil(`${vm} is paused by an I/O error`, { limitSeconds: 60 }, async () =>
    (await isPaused()) ? true : undefined,
  );
  await host.check(["rm", `${smallFolder}/ballast`]);
}

/** Its log alone may not leave the block it is in for a long time. The agent is let answer before the pause. */
async function writeMuch({ host, vm }: Changed): Promise<void> {
  const fill = "sleep 1; dd if=/dev/zero of=/disk/more bs=64k count=32";
  await host.guestExec(vm, `(${fill}) >/dev/null 2>&1 </dev/null &`);
}
