import { copyFile, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { withFreshLists } from "./apt.ts";
import { cached } from "./cached.ts";
import { exists } from "./exists.ts";
import { runChecked } from "./run-checked.ts";
import { runWithUs } from "./run-with-us.ts";

/** The drivers a guest needs. What the kernel has built in is left out. */
const wanted = ["virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "virtio_console", "button", "evdev"];

/** Debian's kernel for virtual machines first, then what Ubuntu calls it. */
const metaPackages = ["linux-image-cloud-amd64", "linux-image-kvm", "linux-image-virtual"];

/** A folder with `vmlinuz`, the drivers' files in `modules/`, and `modules/order`: in which order to load them. */
export async function guestKernel(): Promise<string> {
  return cached("kernel", async (directory) => {
    const tree = join(directory, "tree");
    await withFreshLists(async () => {
      const packages = await kernelPackages();
      await runWithUs(["apt-get", "download", ...packages], { deadlineSeconds: 300, directory });
    });
    for (const file of await readdir(directory)) {
      if (file.endsWith(".deb")) await runChecked(["dpkg-deb", "-x", join(directory, file), tree]);
    }
    await collect(directory, tree);
    await rm(tree, { recursive: true });
    for (const file of await readdir(directory)) if (file.endsWith(".deb")) await rm(join(directory, file));
  });
}

async function kernelPackages(): Promise<string[]> {
  for (const meta of metaPackages) {
    const depends = await runChecked(["apt-cache", "depends", "--important", meta]).catch(() => "");
    const found = [...depends.matchAll(/Depends: (linux-(?:image|modules)\S*)/g)].map(
      (match) => match[1] as string,
    );
    const image = found.find((name) => name.startsWith("linux-image-"));
    if (image === undefined) continue;
    // Ubuntu keeps the drivers in a package of their own; Debian has them in the image.
    const modules = image.replace(/^linux-image-(unsigned-)?/, "linux-modules-");
    const hasModules = await runChecked(["apt-cache", "show", "--no-all-versions", modules]).catch(() => "");
    return hasModules === "" ? [image] : [image, modules];
  }
  throw new Error(
    `Cannot find a kernel for the guests: apt knows none of ${metaPackages.join(", ")}. Run "apt-get update"`,
  );
}

async function collect(directory: string, tree: string): Promise<void> {
  const boot = await readdir(join(tree, "boot"));
  const image = boot.find((name) => name.startsWith("vmlinuz-"));
  if (image === undefined) throw new Error(`Cannot find a kernel image among ${boot.join(", ")}`);
  const version = image.slice("vmlinuz-".length);
  await copyFile(join(tree, "boot", image), join(directory, "vmlinuz"));
  // Since Debian 13 the package has its drivers in /usr/lib.
  if (!(await exists(join(tree, "lib")))) await symlink("usr/lib", join(tree, "lib"));
  await runChecked(["depmod", "-b", tree, version]);
  const modules = join(directory, "modules");
  await mkdir(modules);
  const order: string[] = [];
  for (const name of wanted) {
    const steps = await runChecked(["modprobe", "-d", tree, "-S", version, "--show-depends", name]);
    for (const [, path] of steps.matchAll(/^insmod (\S+)/gm)) {
      const plain = await unpackModule(path as string, modules);
      if (!order.includes(plain)) order.push(plain);
    }
  }
  await writeFile(join(modules, "order"), order.map((name) => `${name}\n`).join(""));
}

/** The guest's insmod reads plain files only. */
async function unpackModule(path: string, modules: string): Promise<string> {
  const plain = basename(path).replace(/\.(xz|zst|gz)$/, "");
  await copyFile(path, join(modules, basename(path)));
  const unpack = { xz: "unxz", zst: "unzstd", gz: "gunzip" }[path.split(".").at(-1) ?? ""];
  if (unpack !== undefined) await runChecked([unpack, "--force", join(modules, basename(path))]);
  return plain;
}
