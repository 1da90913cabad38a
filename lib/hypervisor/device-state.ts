// What a path of a host leads to, and who uses the block device there.

import type { DeviceState, DeviceUse } from "../model/device.ts";
import type { Command } from "../shell/command.ts";

// By number throughout: a device has many names. Partitions count, and the device that this is a partition of. Mounts of
// every container count, swap, what the device mapper or md has on top, loop devices, and processes that may write, such
// as a QEMU of another libvirt. The last word is the kernel's, where there is a perl to ask it with: an exclusive opening
// fails whatever the reason (open(2), O_EXCL).
const text = `
[ -b "$1" ] || { if [ -e "$1" ]; then echo other; else echo missing; fi; exit 0; }
number_of() { major=$(stat -L -c %t -- "$1") && minor=$(stat -L -c %T -- "$1") && echo "$((0x$major)):$((0x$minor))"; }
is_kin() { case $all in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
number=$(number_of "$1") || exit
sys=/sys/dev/block/$number
read -r sectors <"$sys/size" && read -r locked <"$sys/ro" || exit
echo "device $number $((sectors * 512)) $locked"
all=" $number "
for one in "$sys"/*/partition; do
  [ ! -e "$one" ] || { read -r kin <"\${one%/*}/dev" && all="$all$kin "; }
done
[ ! -e "$sys/partition" ] || { read -r kin <"$sys/../dev" && all="$all$kin "; }
echo "kin$all"
for kin in $all; do
  for holder in "/sys/dev/block/$kin/holders"/*; do
    [ -e "$holder" ] || continue
    name=
    [ ! -e "$holder/dm/name" ] || read -r name <"$holder/dm/name"
    echo "holder \${name:-\${holder##*/}}"
  done
done
cat /proc/[0-9]*/mountinfo 2>/dev/null | awk -v all="$all" '
  { source = ""; for (i = 7; i < NF; i++) if ($i == "-") { source = $(i + 2); break } }
  index(all, " " $3 " ") { print "mounted", $5; next }
  $3 ~ /^0:/ && source ~ /^\\/dev\\// { print source, $5 }' | sort -u | while read -r first second; do
    if [ "$first" = mounted ]; then echo "mounted $second"
    elif [ -b "$first" ] && is_kin "$(number_of "$first")"; then echo "mounted $second"; fi
  done
while read -r path more; do
  [ ! -b "$path" ] || ! is_kin "$(number_of "$path")" || echo "swap $path"
done </proc/swaps
for file in /sys/block/loop*/loop/backing_file; do
  [ -e "$file" ] && read -r path <"$file" && [ -b "$path" ] && is_kin "$(number_of "$path")" || continue
  name=\${file#/sys/block/}
  echo "loop \${name%%/*}"
done
for opened in /proc/[0-9]*/fd/*; do
  [ -b "$opened" ] && is_kin "$(number_of "$opened" 2>/dev/null)" || continue
  process=\${opened#/proc/} process=\${process%%/*}
  case $(sed -n 's/^flags:[[:space:]]*//p' "/proc/$process/fdinfo/\${opened##*/}" 2>/dev/null) in
    *[123567]) read -r name <"/proc/$process/comm"; echo "process $name $process" ;;
  esac
done 2>/dev/null
! command -v perl >/dev/null || perl -e '
  use Fcntl;
  sysopen(my $device, $ARGV[0], O_RDONLY | O_EXCL) or $!{EBUSY} and print "claimed\\n";' "$1" 2>/dev/null
echo end`;

/** Prints a line for each thing that it finds out, the last one `end`; changes nothing. */
export function deviceStateCommand(path: string): Command {
  return ["sh", "-c", text, "sh", path];
}

const useKinds: readonly DeviceUse["kind"][] = ["holder", "mounted", "swap", "loop", "process", "claimed"];

/** Reads what it printed. What cannot be understood is said to be unknown, and is never taken for free. */
export function readDeviceState({
  code,
  stdout,
  stderr,
}: {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}): DeviceState {
  const [first = "", ...lines] = stdout.trimEnd().split("\n");
  if (code === 0 && lines.length === 0 && (first === "missing" || first === "other")) return { kind: first };
  const [, number, length, locked] = /^device (\d+:\d+) (\d{1,18}) ([01])$/.exec(first) ?? [];
  const [, kin] = /^kin ((?:\d+:\d+ )+)$/.exec(lines[0] ?? "") ?? [];
  const bytes = Number(length);
  if (
    code !== 0 ||
    number === undefined ||
    kin === undefined ||
    !Number.isSafeInteger(bytes) ||
    lines.at(-1) !== "end"
  )
    return { kind: "unknown", detail: stderr.trim().split("\n").at(-1) || "its state cannot be read" };
  return {
    ...{ kind: "device", number, bytes, kin: kin.trim().split(" "), isReadOnly: locked === "1" },
    uses: [...new Set(lines.slice(1, -1))].map(readUse),
  };
}

/** Something that nobody knows uses it all the same. */
function readUse(line: string): DeviceUse {
  const [word = "", ...rest] = line.split(" ");
  const kind = useKinds.find((known) => known === word);
  return kind === undefined ? { kind: "claimed", name: line } : { kind, name: rest.join(" ") };
}
