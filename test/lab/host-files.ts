import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists } from "./exists.ts";
import type { HostPlace } from "./lab-place.ts";
import { runChecked } from "./run-checked.ts";

const keyKinds = ["ed25519", "ecdsa", "rsa"] as const;

/** What of the lower layer's root stays visible. Everything else of the machine (homes, data, configuration) is hidden. */
const kept = ["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "var"];
const hiddenBelow = [
  "etc/libvirt",
  "etc/ssh",
  "var/lib/libvirt",
  "var/log",
  "var/cache",
  "var/tmp",
  "var/spool",
  "var/backups",
];

/** What a host is given besides its name. */
export interface HostSeed {
  readonly lower: string;
  readonly identityFile: string;
  readonly etcHosts: string;
  /** The folder with the guests' kernel and initial file system; a bastion has no guests. */
  readonly guest: string | undefined;
  /** Whether nobody but root may ask its libvirt. */
  readonly isClosed: boolean;
}

/**
 * Lays out the folder of a host that has never been started: the writable layer of its root, its configuration, its
 * host keys, and the folders of its VMs. Harmless twice.
 */
export async function prepareHostFiles(place: HostPlace, options: HostSeed): Promise<void> {
  const done = join(place.directory, "prepared");
  if (await exists(done)) return;
  const seed = join(place.directory, "seed");
  for (const folder of [
    "upper/etc",
    "upper/var/lib",
    "work",
    "root",
    "srv",
    "seed/etc/ssh",
    "seed/root/.ssh",
  ]) {
    await mkdir(join(place.directory, folder), { recursive: true });
  }
  for (const folder of ["images", "boot", "qemu/nvram"]) {
    await mkdir(join(place.directory, "libvirt", folder), { recursive: true });
  }
  for (const name of options.guest === undefined ? [] : ["vmlinuz", "initrd.img"]) {
    await copyFile(join(options.guest!, name), join(place.directory, "libvirt/boot", name));
  }
  await runChecked(["chmod", "0711", join(place.directory, "libvirt/images")]);
  await hideMachine(options.lower, join(place.directory, "upper"));
  await writeSettings(place.name, seed, options);
  for (const kind of keyKinds)
    await makeHostKey(place.name, kind, join(seed, `etc/ssh/ssh_host_${kind}_key`));
  await copyFile(`${options.identityFile}.pub`, join(seed, "root/.ssh/authorized_keys"));
  await runChecked(["chmod", "0700", join(seed, "root"), join(seed, "root/.ssh")]);
  await writeFile(join(place.directory, "block-devices"), "");
  await writeFile(done, "");
}

/** The lines of known_hosts for this host, under its name and its address. */
export async function knownHostsLines(place: HostPlace, address: string): Promise<string> {
  let lines = "";
  for (const kind of keyKinds) {
    const text = await readFile(join(place.directory, `seed/etc/ssh/ssh_host_${kind}_key.pub`), "utf8");
    const [type, key] = text.trim().split(" ");
    lines += `${place.name},${address} ${type} ${key}\n`;
  }
  return lines;
}

/** A character device 0:0 in the upper layer is overlayfs' way to say that something below it is deleted. */
async function hideMachine(lower: string, upper: string): Promise<void> {
  const hidden = (await readdir(lower)).filter((name) => !kept.includes(name));
  for (const path of [...hidden, ...hiddenBelow]) {
    if ((await exists(join(lower, path))) && !(await exists(join(upper, path)))) {
      await runChecked(["mknod", join(upper, path), "c", "0", "0"]);
    }
  }
}

async function writeSettings(name: string, seed: string, options: HostSeed): Promise<void> {
  const uuid = randomUUID();
  const files: Record<string, string> = {
    "etc/hostname": `${name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n${options.etcHosts}`,
    "etc/machine-id": `${uuid.replaceAll("-", "")}\n`,
    "etc/libvirt/libvirtd.conf": [
      ...['auth_unix_rw = "none"', 'auth_unix_ro = "none"', `host_uuid = "${uuid}"`],
      ...(options.isClosed ? ['unix_sock_ro_perms = "0700"', 'unix_sock_rw_perms = "0700"'] : []),
      "",
    ].join("\n"),
    // No mount namespaces of libvirt's: from a private /dev they cannot open an overlay ("Permission denied").
    // No AppArmor: profiles of the machine name paths of the machine. File ownership is still handled.
    "etc/libvirt/qemu.conf": `namespaces = []\nsecurity_driver = "none"\ncgroup_controllers = []\n`,
    "etc/ssh/sshd_config": [
      "Port 22",
      ...keyKinds.map((kind) => `HostKey /etc/ssh/ssh_host_${kind}_key`),
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UsePAM no",
      ...(options.guest === undefined ? forwardOnly : ["Subsystem sftp internal-sftp"]),
      "",
    ].join("\n"),
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(seed, path)), { recursive: true });
    await writeFile(join(seed, path), text);
  }
}

/** A bastion lets nobody run anything: it passes connections on to the sshd of other hosts. */
const forwardOnly = [
  "PermitTTY no",
  "ForceCommand /usr/sbin/nologin",
  "AllowTcpForwarding local",
  "PermitOpen *:22",
];

async function makeHostKey(hostName: string, kind: string, file: string): Promise<void> {
  if (await exists(`${file}.pub`)) return;
  await rm(file, { force: true });
  await runChecked(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", hostName, "-f", file]);
}
