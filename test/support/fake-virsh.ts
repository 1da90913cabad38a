// A hypervisor made of files: the fake virsh and qemu-img beside this file, and the state they work on.

import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { domainXml } from "./fake-virsh-xml.ts";
import type { FakeVm, XmlKind } from "./fake-virsh-xml.ts";

/** The folder with the fake virsh and qemu-img. */
export const fakePrograms = fileURLToPath(new URL("fake-virsh", import.meta.url));

/** A fake hypervisor. Everything it has lies in `directory`. */
export interface FakeHypervisor {
  readonly directory: string;
  /** What the fake virsh remembers; fake-virsh/state.sh describes it. */
  readonly state: string;
  /** What a process needs to find this hypervisor's virsh instead of the machine's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs the fake virsh. @throws Error when it fails. */
  virsh(...args: readonly string[]): string;
  /** How often something goes wrong, or how long it takes; the names stand in fake-virsh/virsh. */
  control(name: string, count: number): void;
  /** Runs shell text before or after a call, named `VERB.N` or by its number; before, a failure ends the call. */
  hook(when: "before" | "after", call: string, shellText: string): void;
  /** A VM's XML, without a call; undefined when it has none of this kind. */
  xml(uuid: string, kind: XmlKind): string | undefined;
  /** Every call so far, such as `virsh domfsthaw UUID`. */
  calls(): readonly string[];
  remove(): void;
}

/** Makes a hypervisor without VMs in a folder of its own. */
export function makeFakeHypervisor(): FakeHypervisor {
  const directory = mkdtempSync(join(quickFolder(), "virtfold-fake-"));
  const state = join(directory, "libvirt");
  for (const folder of ["domains", "control", "count", "before", "after"]) {
    mkdirSync(join(state, folder), { recursive: true });
  }
  const environment = {
    PATH: `${fakePrograms}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
    VIRTFOLD_FAKE_LIBVIRT: state,
  };
  return {
    directory,
    state,
    environment,
    virsh: (...args) =>
      execFileSync(join(fakePrograms, "virsh"), args, {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        // Not counted as a call, and without its hooks.
        env: { ...process.env, ...environment, VIRTFOLD_FAKE_INSIDE: "yes" },
      }),
    control: (name, count) => writeFileSync(join(state, "control", name), `${count}\n`),
    hook: (when, call, shellText) => writeFileSync(join(state, when, call), `${shellText}\n`),
    xml: (uuid, kind) => readText(join(state, "domains", uuid, `${kind}.xml`)),
    calls: () => readText(join(state, "calls"))?.trimEnd().split("\n") ?? [],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** In memory where possible: much here waits for the disk to have it all. */
function quickFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}

/** Makes the VM's images, defines the VM and starts it. */
export function startFakeVm(hypervisor: FakeHypervisor, vm: FakeVm): void {
  for (const { path, format } of vm.disks) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `fake ${format}\nbacking -\nfirst\n`);
  }
  const domain = join(hypervisor.state, "domains", vm.uuid);
  mkdirSync(join(domain, "jobs"), { recursive: true });
  for (const kind of ["inactive", "live"] as const)
    writeFileSync(join(domain, `${kind}.xml`), domainXml(vm, kind));
}

/** What the guest wrote to an image, oldest first. */
export function writesIn(path: string): readonly string[] {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(2);
}
