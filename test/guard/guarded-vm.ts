// One VM on a fake hypervisor with its guard, and what tests do to both: arm, snapshot, write, restore, kill.

import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFakeHypervisor, startFakeVm, writesIn } from "../support/fake-virsh.ts";
import type { FakeHypervisor } from "../support/fake-virsh.ts";
import type { FakeDisk } from "../support/fake-virsh-xml.ts";
import { linkApplets } from "./shells.ts";
import type { Shell } from "./shells.ts";

const scripts =
  process.env["VIRTFOLD_TEST_GUARD"] ?? fileURLToPath(new URL("../../lib/guard/", import.meta.url));

/** How a command ended. `code` is null when a signal ended it. */
export interface Ended {
  readonly code: number | null;
  /** Without the receipt. */
  readonly stdout: string;
  readonly stderr: string;
  /** The fields of the receipt, when there was one. */
  readonly receipt: readonly string[] | undefined;
}

export interface GuardedDisk extends FakeDisk {
  readonly overlay: string;
}

/** A running VM with what its backup does to it. */
export interface GuardedVm {
  readonly hypervisor: FakeHypervisor;
  readonly shell: Shell;
  readonly uuid: string;
  /** Unlike that of any other test: guard.sh asks all processes who has the overlay open. */
  readonly backupId: string;
  readonly disks: readonly [GuardedDisk, ...GuardedDisk[]];
  /** The guard's folder, and the environment that makes arm.sh choose it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The first folder in PATH. */
  readonly tools: string;
  /** Runs arm.sh, in another environment if given. */
  arm(environment?: Readonly<Record<string, string | undefined>>): Promise<Ended>;
  /** Runs guard.sh in a process group of its own, which `killGuard` in a hook ends. */
  guard(...args: readonly string[]): Promise<Ended>;
  /** Arms, and records the undo of a snapshot of every disk. */
  prepare(): Promise<void>;
  /** Prepares, takes the snapshot as a backup does, and lets the guest write a line to each disk. */
  open(): Promise<void>;
  snapshot(): Promise<Ended>;
  write(text: string): void;
  journal(): readonly string[];
  definition(): string;
}

export interface GuardedVmOptions {
  readonly targets?: readonly [string, ...string[]];
  /** Folder of the images below the hypervisor's own. */
  readonly imageFolder?: string;
  /** Without a lease, which is the default here, nobody watches. */
  readonly leaseSeconds?: number;
  readonly budgetBytes?: number;
  readonly reserveBytes?: number;
  /** For a VM made up for one run, of which no note is kept. */
  readonly isForgotten?: boolean;
  /** Of guard.sh's settings, those that are not as usual in tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Shell text for a hook: guard.sh dies at once, all of it but the call whose hook this is. */
export const killGuard = 'kill -9 -"$(cat "$VIRTFOLD_FAKE_LIBVIRT/guard-pid")"';

/** Makes a running VM on a hypervisor of its own. */
export function makeGuardedVm(shell: Shell, options: GuardedVmOptions = {}): GuardedVm {
  const { targets = ["vda"], imageFolder = "images" } = options;
  const hypervisor = makeFakeHypervisor();
  const uuid = randomUUID();
  const backupId = `20261123-012500-${randomBytes(3).toString("hex")}`;
  const images = join(hypervisor.directory, imageFolder);
  const disks = targets.map((target) => diskIn(images, target, backupId));
  const state = join(hypervisor.directory, "state");
  const folder = join(state, uuid);
  const tools = linkApplets(shell, hypervisor.directory);
  const environment = { ...testEnvironment(hypervisor, state, tools), ...options.settings };
  startFakeVm(hypervisor, { uuid, name: "web", description: "as it was", disks });

  const run = (script: string, args: readonly string[], variables = environment) =>
    runScript([...shell.command, script, ...args], variables);
  const vm: GuardedVm = {
    hypervisor,
    shell,
    uuid,
    backupId,
    disks: disks as [GuardedDisk, ...GuardedDisk[]],
    folder,
    environment,
    tools,
    arm: (variables = environment) => {
      const guardText = readFileSync(join(scripts, "guard.sh"), "utf8");
      const limits = ["leaseSeconds", "budgetBytes", "reserveBytes"] as const;
      const numbers = limits.map((limit) => String(options[limit] ?? 0));
      const args = [guardText, uuid, backupId, "fake:///", "web", "tester@here pid 1", ...numbers];
      if (options.isForgotten === true) args.push(hypervisor.xml(uuid, "inactive") ?? "", "forget");
      return run(join(scripts, "arm.sh"), args, { ...variables });
    },
    guard: (...args) => run(join(folder, "guard.sh"), args),
    prepare: async () => {
      await must(vm.arm());
      for (const { target, overlay, path } of disks) {
        await must(vm.guard("record", "fold-overlay", uuid, target, overlay, path));
      }
    },
    open: async () => {
      await vm.prepare();
      await must(vm.snapshot());
      vm.write("in the window");
    },
    snapshot: () => {
      const specs = disks.flatMap(({ target, overlay }) => ["--diskspec", `${target},file=${overlay}`]);
      const flags = ["--disk-only", "--atomic", "--no-metadata", ...specs];
      return vm.guard("change", "virsh", "snapshot-create-as", uuid, backupId, ...flags);
    },
    write: (text) => {
      for (const { target } of disks) hypervisor.virsh("fake-write", uuid, target, text);
    },
    journal: () => readFileSync(join(folder, "journal"), "utf8").split("\n").slice(0, -1),
    definition: () => hypervisor.xml(uuid, "inactive") ?? "",
  };
  return vm;
}

/** What a backup has left behind on the host; undefined when all is as it was, and nothing that was written is lost. */
export function traces(
  vm: GuardedVm,
  writes: readonly string[] = ["first", "in the window"],
): string | undefined {
  for (const { target, path, overlay } of vm.disks) {
    if (existsSync(overlay)) return `${target}: the overlay is still there`;
    const found = writesIn(path).join(", ");
    if (found !== writes.join(", ")) return `${target}: the base holds ${found}`;
  }
  if (existsSync(vm.folder)) return "the guard's folder is still there";
  const xml = `${vm.definition()}${vm.hypervisor.xml(vm.uuid, "live") ?? ""}`;
  return /virtfold-2|<mirror/.exec(xml)?.[0];
}

function diskIn(images: string, target: string, backupId: string): GuardedDisk {
  const format = target === "vdb" ? "raw" : "qcow2";
  const overlay = join(images, `${target}.virtfold-${backupId}.qcow2`);
  return { target, format, path: join(images, `${target} base.${format}`), driver: "cache='none'", overlay };
}

function testEnvironment(
  hypervisor: FakeHypervisor,
  state: string,
  tools: string,
): Record<string, string | undefined> {
  return {
    ...process.env,
    ...hypervisor.environment,
    PATH: `${tools}:${hypervisor.environment["PATH"] ?? ""}`,
    VIRTFOLD_STATE_DIRECTORY: state,
    VIRTFOLD_FOLD_SECONDS: "20",
    VIRTFOLD_BUSY_SECONDS: "20",
    VIRTFOLD_THAW_SECONDS: "20",
    VIRTFOLD_CLOSE_SECONDS: "20",
  };
}

function runScript(argv: readonly string[], environment: Record<string, string | undefined>): Promise<Ended> {
  const wrapper = 'echo $$ >"$VIRTFOLD_FAKE_LIBVIRT/guard-pid"; exec "$@"';
  const child = spawn("sh", ["-c", wrapper, "sh", ...argv], {
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const receipt = /^receipt\t(.*)$/m.exec(stdout)?.[1]?.split("\t");
      resolve({ code, stdout: stdout.replaceAll(/^receipt\t.*\n/gm, ""), stderr, receipt });
    });
  });
}

async function must(running: Promise<Ended>): Promise<void> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`Ended with ${code}: ${stdout}${stderr}`);
}
