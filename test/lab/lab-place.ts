import { createHash } from "node:crypto";
import { join } from "node:path";
import { LabRefusal } from "./lab-refusal.ts";

/** Every name that belongs to one laboratory. All follow from its id, so that all can be found again without a state file. */
export interface LabPlace {
  readonly id: string;
  /** Eight hexadecimal digits of the id's hash: what network devices and namespaces are named by. */
  readonly tag: string;
  readonly directory: string;
  readonly storeDirectory: string;
  readonly hostsDirectory: string;
  readonly stateFile: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly identityFile: string;
  readonly bridge: string;
  /** The bridge of the network behind the bastion, which this machine has no address in. */
  readonly innerBridge: string;
  /** What the names of all network namespaces of this laboratory begin with. */
  readonly namespacePrefix: string;
}

/** Where all laboratories of this machine live. `VIRTFOLD_LAB_DIR` names another folder. */
export function labsDirectory(): string {
  return process.env.VIRTFOLD_LAB_DIR ?? "/var/tmp/virtfold-lab";
}

/** The folder of what is built once and shared by all laboratories. */
export function cacheDirectory(): string {
  return join(labsDirectory(), "cache");
}

/** The names of the laboratory with this id. */
export function labPlace(id: string): LabPlace {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id) || id === "cache") {
    throw new LabRefusal(`Cannot name a lab "${id}": use small letters, digits and "-", and not "cache"`);
  }
  const parent = labsDirectory();
  // mount(8) would take a comma or a colon in the folder's name for its own.
  if (!/^\/[A-Za-z0-9_./-]+$/.test(parent))
    throw new LabRefusal(`Cannot use "${parent}" for labs: give a plain absolute path`);
  const directory = join(parent, id);
  const tag = createHash("sha256").update(directory).digest("hex").slice(0, 8);
  return {
    id,
    tag,
    directory,
    storeDirectory: join(directory, "store"),
    hostsDirectory: join(directory, "hosts"),
    stateFile: join(directory, "state.json"),
    sshConfig: join(directory, "ssh_config"),
    knownHosts: join(directory, "known_hosts"),
    identityFile: join(directory, "identity"),
    bridge: `vf${tag}br`,
    innerBridge: `vf${tag}in`,
    namespacePrefix: `vf${tag}-`,
  };
}

/** The names of one host of a laboratory. */
export interface HostPlace {
  readonly name: string;
  readonly directory: string;
  readonly namespace: string;
  /** The end of the cable that stays on this machine. */
  readonly cable: string;
  readonly bootLog: string;
}

/** How the bastion of a laboratory is called, in its files and in `ssh_config`. */
export const bastionName = "bastion";

/** The names of the bastion. */
export function bastionPlace(place: LabPlace): HostPlace {
  return hostPlace(place, bastionName, "b");
}

/** The names of a host. Its index (from 0) is part of the cable's name, which may have 15 letters only. */
export function hostPlace(place: LabPlace, name: string, index: number | "b"): HostPlace {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
    throw new LabRefusal(`Cannot name a host "${name}": use small letters, digits and "-"`);
  const directory = join(place.hostsDirectory, name);
  return {
    name,
    directory,
    namespace: place.namespacePrefix + name,
    cable: `vf${place.tag}.${index}`,
    bootLog: join(directory, "boot.log"),
  };
}
