# Arms a guard on this host: leaves a whole one whose watcher is alive, or nothing that counts.
# Run as: arm.sh GUARD_TEXT UUID BACKUP_ID URI VM_NAME CONTROLLER LEASE_SECONDS BUDGET_BYTES RESERVE_BYTES [DEFINITION [forget]]
#
# A guard is the folder <state>/<uuid>. The journal is written last: a folder without one is the remains of an
# arming that died before anything was changed, or of a restore that was done, and is written over.
# <state> is /var/lib/virtfold for root; tests set VIRTFOLD_STATE_DIRECTORY.
# LEASE_SECONDS 0: no watcher, for a guard that restores at once. BUDGET_BYTES 0: overlays may grow until space is short.
# DEFINITION is what the VM's definition shall be like; without it, as it is now.
# forget: the VM is made up for one run, so nobody asks later what came of it: in the end nothing stays.
#
# Prints one line, tab-separated:
#   armed FOLDER | held FOLDER BACKUP_ID SINCE CONTROLLER | left FOLDER BACKUP_ID SINCE STATE | failed DETAIL
# held: its controller renews its lease. left: it does not, so the host must be restored before anything else.

umask 077
guard_text=$1 uuid=$2 backup_id=$3 uri=$4 vm_name=$5 controller=$6
lease_seconds=$7 budget_bytes=$8 reserve_bytes=$9
shift 9
forgets=no
[ "${2:-}" != forget ] || forgets=yes

# What was made does not stay: it holds the definition with its secrets. Without the journal the rest means nothing.
fail() {
  [ ! "$is_made" ] || { rm -f -- "$folder/journal"; rm -rf -- "$folder"; }
  [ ! "$is_made" ] || [ "$forgets" = no ] || rm -f -- "$folder.lock"
  printf 'failed\t%s\n' "$*"
  exit 1
}
is_made=

header_of() { sed -n "s/^$1	//p" "$folder/header"; }
one_line() { printf '%s' "$1" | tr '\t\n' '  '; }
boot_id() { cat /proc/sys/kernel/random/boot_id 2>/dev/null; }
uptime_seconds() { IFS=' .' read -r up _ </proc/uptime; echo "$up"; }

refuse_held() {
  guard_state='' renewed=''
  read -r guard_state <"$folder/state"
  read -r renewed <"$folder/lease" 2>/dev/null
  case $renewed in '' | *[!0-9]*) age=999999 ;; *) age=$(($(uptime_seconds) - renewed)) ;; esac
  [ "$(header_of boot)" = "$(boot_id)" ] || age=999999
  seconds=$(header_of lease-seconds)
  if [ "$guard_state" != stuck ] && [ "$age" -ge 0 ] && [ "$age" -lt "${seconds:-0}" ]; then
    printf 'held\t%s\t%s\t%s\t%s\n' "$folder" "$(header_of backup-id)" "$(header_of since)" "$(header_of controller)"
  else
    printf 'left\t%s\t%s\t%s\t%s\n' "$folder" "$(header_of backup-id)" "$(header_of since)" "$guard_state"
  fi
  exit 3
}

if [ "${VIRTFOLD_STATE_DIRECTORY:-}" ]; then
  state=$VIRTFOLD_STATE_DIRECTORY
elif [ "$(id -u)" = 0 ]; then
  state=/var/lib/virtfold
else
  state=${XDG_STATE_HOME:-$HOME/.local/state}/virtfold
fi
folder=$state/$uuid

# Whatever restoring may need, so that nobody finds out with a VM on its overlays.
for tool in virsh qemu-img flock timeout awk sed grep df dd stat; do
  command -v "$tool" >/dev/null || fail "$tool is missing"
done
[ -r /proc/uptime ] || fail "/proc/uptime cannot be read"

mkdir -p "$state" || fail "cannot make $state"
# A restore can hold the lock for hours; there is no need to wait for it to know.
[ ! -e "$folder/journal" ] || refuse_held
# guard.sh's own lock: nobody arms a guard while an earlier one of this VM still removes itself, perhaps with the lock.
open_lock() {
  true >>"$folder.lock" || fail "cannot write in $state"
  exec 8>>"$folder.lock"
}
deadline=$(($(date +%s) + 30))
until open_lock && flock -n 8 && [ "$(stat -L -c %h /proc/self/fd/8 2>/dev/null)" != 0 ]; do # busybox's flock has no -w
  [ "$(date +%s)" -lt "$deadline" ] || fail "another backup of this VM is being started and does not end"
  sleep 0.2 2>/dev/null || sleep 1
done
[ ! -e "$folder/journal" ] || refuse_held

rm -rf -- "$folder"
is_made=yes
mkdir -p "$folder" || fail "cannot make $folder"
printf '%s\n' "$guard_text" >"$folder/guard.sh" || fail "cannot write in $folder"
{
  printf 'backup-id\t%s\n' "$backup_id"
  printf 'uuid\t%s\n' "$uuid"
  printf 'uri\t%s\n' "$uri"
  printf 'vm\t%s\n' "$(one_line "$vm_name")"
  printf 'controller\t%s\n' "$(one_line "$controller")"
  printf 'since\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  # An uptime means something within one boot only.
  printf 'boot\t%s\n' "$(boot_id)"
  printf 'lease-seconds\t%s\n' "$lease_seconds"
  printf 'budget-bytes\t%s\n' "$budget_bytes"
  printf 'reserve-bytes\t%s\n' "$reserve_bytes"
  [ "$forgets" = no ] || printf 'forget\tyes\n'
} >"$folder/header" || fail "cannot write in $folder"
# The definition as it was, with its secrets: what an offline fold puts back, and what a person needs in the worst case.
if [ $# -gt 0 ]; then
  printf '%s' "$1" >"$folder/definition.xml" || fail "cannot write in $folder"
else
  timeout -k 5 60 virsh -c "$uri" dumpxml --inactive --security-info "$uuid" >"$folder/definition.xml" </dev/null 8>&- ||
    fail "virsh dumpxml failed"
fi
# virsh may succeed although the disk was full.
grep -q '^</domain>$' "$folder/definition.xml" || fail "cannot write in $folder"
printf 'open\n' >"$folder/state" || fail "cannot write in $folder"
# Written over in place from now on, at the same length: that works on a full disk too.
printf '%-20d\n' 0 >"$folder/peak" || fail "cannot write in $folder"
printf '%-20d\n' "$(uptime_seconds)" >"$folder/lease" || fail "cannot write in $folder"
true >"$folder/watch.lock" || fail "cannot write in $folder"
sync "$folder/guard.sh" "$folder/header" "$folder/definition.xml" "$folder/state" 2>/dev/null || sync
true >"$folder/journal" || fail "cannot write in $folder"
sync "$folder/journal" "$folder" "$state" 2>/dev/null || sync
sh "$folder/guard.sh" start-watch 8>&- || fail "the guard's watcher does not stay alive"
printf 'armed\t%s\n' "$folder"
