// A host as a survey sees it: programs that answer from files, reached by a real shell that counts how often it is asked.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostShell } from "../../lib/backup/ports.ts";
import { hostShell, usualLimits } from "../../lib/shell/host-shell.ts";
import { openLocalChannel } from "../../lib/shell/local-channel.ts";

/** What virsh answers about one VM, by `VERB` or `VERB --OPTION`; to all else it gives an error. */
export interface StubVm {
  readonly uuid: string;
  readonly answers: Readonly<Record<string, string>>;
}

/** A host of files. */
export interface StubHost {
  readonly shell: HostShell;
  /** Commands that were sent to it so far. */
  readonly remoteCommands: () => number;
  /** How often virsh was started on it so far. */
  readonly virshStarts: () => number;
  /** The longest text that was sent in one, in bytes. */
  readonly longestScript: () => number;
  /** Where an image of this name is; it is made, with this as its `qemu-img info --backing-chain`. */
  readonly makeImage: (name: string, chain: (path: string) => readonly object[]) => string;
  /** Adds a VM. */
  readonly addVm: (vm: StubVm) => void;
  readonly remove: () => void;
}

/** Makes a host without VMs. */
export function makeStubHost(): StubHost {
  const folder = mkdtempSync(join(tmpdir(), "vf stub-"));
  const [programs, vms, images] = [join(folder, "bin"), join(folder, "vms"), join(folder, "images")];
  for (const path of [programs, vms, images]) mkdirSync(path);
  for (const [name, text] of Object.entries({ virsh, "qemu-img": qemuImg, rsync })) {
    writeFileSync(join(programs, name), text.replaceAll("FOLDER", `'${folder}'`));
    chmodSync(join(programs, name), 0o755);
  }
  writeFileSync(join(folder, "list"), "");
  let count = 0;
  let longest = 0;
  const openChannel = async (): ReturnType<typeof openLocalChannel> => {
    count += 1;
    const path = `${programs}:${process.env["PATH"] ?? ""}`;
    const channel = await openLocalChannel("exec sh -s", { PATH: path, HOME: folder });
    const write = channel.write.bind(channel);
    const measured = (text: string): unknown => {
      longest = Math.max(longest, Buffer.byteLength(text));
      return write(text);
    };
    return Object.assign(channel, { write: measured });
  };
  return {
    shell: hostShell({ host: "kvm1", openChannel }, usualLimits),
    remoteCommands: () => count,
    virshStarts: () => readFileSync(join(folder, "starts"), "utf8").length,
    longestScript: () => longest,
    makeImage: (name, chain) => {
      const path = join(images, name);
      writeFileSync(path, "");
      writeFileSync(`${path}.chain`, JSON.stringify(chain(path)));
      return path;
    },
    addVm: ({ uuid, answers }) => {
      mkdirSync(join(vms, uuid));
      for (const [verb, answer] of Object.entries(answers)) writeFileSync(join(vms, uuid, verb), answer);
      writeFileSync(join(folder, "list"), `${uuid}\n`, { flag: "a" });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const virsh = `#!/bin/sh
[ "$2" = here ] || echo >>FOLDER/starts
case $3 in *\\;*)
  calls=$3
  while [ "$calls" ]; do
    call=\${calls%%;*}
    case $calls in *\\;*) calls=\${calls#*;} ;; *) calls='' ;; esac
    eval "set -- $call"
    if [ "$1" = echo ]; then echo "$2"; else "$0" -c here "$@"; fi
    code=$?
    [ "$1" = echo ] || echo
  done
  exit "$code" ;;
esac
shift 2
case $1 in
  version) printf 'Using library: libvirt 9.0.0\\nUsing API: QEMU 9.0.0\\nRunning hypervisor: QEMU 7.2.22\\n'; exit ;;
  list) exec cat FOLDER/list ;;
  help) exit 0 ;;
esac
verb=$1 file=FOLDER/vms/$2/$1
case $3 in --inactive | --snapshotname=*) file="$file $3" ;; esac
[ "$verb" != domstate ] || [ -e "$file" ] || { echo "error: failed to get domain '$2'" >&2; exit 1; }
[ -e "$file" ] || { echo "error: no $verb of this VM" >&2; exit 1; }
exec cat "$file"
`;

const qemuImg = `#!/bin/sh
[ "$1" != --version ] || { echo 'qemu-img version 7.2.22'; exit; }
for path; do :; done
exec cat "$path.chain"
`;

const rsync = `#!/bin/sh
echo 'rsync  version 3.2.7  protocol version 31'
`;
