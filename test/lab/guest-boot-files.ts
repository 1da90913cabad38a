import { createHash } from "node:crypto";
import { chmod, copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cached.ts";
import { guestKernel } from "./guest-kernel.ts";
import { runChecked } from "./run-checked.ts";

const scripts = {
  init: "init.sh",
  "bin/write-sequence": "write-sequence.sh",
  "etc/fsfreeze-hook": "fsfreeze-hook.sh",
  "sbin/shutdown": "shutdown.sh",
  "etc/acpi/PWRF/00000080": "shutdown.sh",
} as const;

const agent = "/usr/sbin/qemu-ga";
const busybox = "/bin/busybox";

/** A folder with the `vmlinuz` and the `initrd.img` that every guest of the laboratory boots. */
export async function guestBootFiles(): Promise<string> {
  const kernel = await guestKernel();
  const hash = createHash("sha256");
  for (const name of new Set(Object.values(scripts))) hash.update(await readFile(scriptPath(name)));
  for (const program of [agent, busybox, join(kernel, "modules/order")]) hash.update(await readFile(program));
  return cached(`guest-${hash.digest("hex").slice(0, 12)}`, async (directory) => {
    const root = join(directory, "root");
    await layOut(root);
    await cp(join(kernel, "modules"), join(root, "modules"), { recursive: true });
    await packRoot(root, join(directory, "initrd.img"));
    await copyFile(join(kernel, "vmlinuz"), join(directory, "vmlinuz"));
    await rm(root, { recursive: true });
  });
}

async function layOut(root: string): Promise<void> {
  for (const folder of ["bin", "sbin", "dev", "proc", "sys", "run", "tmp", "disks", "etc/acpi/PWRF"]) {
    await mkdir(join(root, folder), { recursive: true });
  }
  await copyFile(busybox, join(root, "bin/busybox"));
  for (const applet of (await runChecked([busybox, "--list"])).trim().split("\n")) {
    if (applet !== "busybox") await symlink("/bin/busybox", join(root, "bin", applet));
  }
  for (const [path, name] of Object.entries(scripts)) {
    await copyFile(scriptPath(name), join(root, path));
    await chmod(join(root, path), 0o755);
  }
  await writeFile(join(root, "etc/passwd"), "root::0:0:root:/:/bin/sh\n");
  await copyWithLibraries(agent, root);
}

async function copyWithLibraries(program: string, root: string): Promise<void> {
  await copyFile(program, join(root, "bin/qemu-ga"));
  for (const [library] of (await runChecked(["ldd", program])).matchAll(/\/\S+\.so\S*/g)) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await copyFile(library, join(root, library));
  }
}

async function packRoot(root: string, image: string): Promise<void> {
  const pack = `find . -print0 | cpio --null --create --format=newc --quiet | gzip -1 >"$1"`;
  await runChecked(["sh", "-c", pack, "sh", image], { directory: root });
}

function scriptPath(name: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), "guest", name);
}
