# Arms a guard on this host: leaves a whole one, or nothing that counts.
# Run as: arm.sh GUARD_TEXT UUID BACKUP_ID URI VM_NAME CONTROLLER
#
# A guard is the folder <state>/<uuid>. The journal is written last: a folder without one is the remains of an
# arming that died before anything was changed, or of a restore that was done, and is written over.
# <state> is /var/lib/virtfold for root; tests set VIRTFOLD_STATE_DIRECTORY.
#
# Prints one line, tab-separated:  armed FOLDER  |  held FOLDER BACKUP_ID SINCE  |  failed DETAIL

umask 077
guard_text=$1 uuid=$2 backup_id=$3 uri=$4 vm_name=$5 controller=$6

fail() { printf 'failed\t%s\n' "$*"; exit 1; }

refuse_held() {
  printf 'held\t%s\t%s\t%s\n' "$folder" "$(sed -n 's/^backup-id	//p' "$folder/header")" \
    "$(sed -n 's/^since	//p' "$folder/header")"
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
for tool in virsh qemu-img flock timeout awk sed grep; do
  command -v "$tool" >/dev/null || fail "$tool is missing"
done

mkdir -p "$state" || fail "cannot make $state"
# A restore can hold the lock for hours; there is no need to wait for it to know.
[ ! -e "$folder/journal" ] || refuse_held
# guard.sh's own lock: nobody arms a guard while an earlier one of this VM still removes itself.
true >>"$folder.lock" || fail "cannot write in $state"
exec 8>>"$folder.lock"
deadline=$(($(date +%s) + 30))
until flock -n 8; do # busybox's flock has no -w
  [ "$(date +%s)" -lt "$deadline" ] || fail "another backup of this VM is being started and does not end"
  sleep 0.2 2>/dev/null || sleep 1
done
[ ! -e "$folder/journal" ] || refuse_held

rm -rf -- "$folder"
mkdir -p "$folder" || fail "cannot make $folder"
printf '%s\n' "$guard_text" >"$folder/guard.sh" || fail "cannot write in $folder"
{
  printf 'backup-id\t%s\n' "$backup_id"
  printf 'uuid\t%s\n' "$uuid"
  printf 'uri\t%s\n' "$uri"
  printf 'vm\t%s\n' "$vm_name"
  printf 'controller\t%s\n' "$controller"
  printf 'since\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
} >"$folder/header" || fail "cannot write in $folder"
# The definition as it was, with its secrets: what an offline fold puts back, and what a person needs in the worst case.
timeout -k 5 60 virsh -c "$uri" dumpxml --inactive --security-info "$uuid" >"$folder/definition.xml" </dev/null 8>&- ||
  fail "virsh dumpxml failed"
# virsh may succeed although the disk was full.
grep -q '^</domain>$' "$folder/definition.xml" || fail "cannot write in $folder"
printf 'open\n' >"$folder/state" || fail "cannot write in $folder"
sync "$folder/guard.sh" "$folder/header" "$folder/definition.xml" "$folder/state" 2>/dev/null || sync
: >"$folder/journal" || fail "cannot write in $folder"
sync "$folder/journal" "$folder" "$state" 2>/dev/null || sync
printf 'armed\t%s\n' "$folder"
