# Arms a guard on this host: leaves a whole one, or nothing that counts.
# Run as: arm.sh GUARD_TEXT UUID BACKUP_ID URI VM_NAME CONTROLLER
#
# A guard is the folder <state>/<uuid>. The journal is written last: a folder without one is the remains of an
# arming that died before anything was changed, and is written over.
#
# Prints one line, tab-separated:  armed FOLDER  |  held FOLDER BACKUP_ID SINCE  |  failed DETAIL

umask 077
guard_text=$1 uuid=$2 backup_id=$3 uri=$4 vm_name=$5 controller=$6

fail() { printf 'failed\t%s\n' "$*"; exit 1; }

if [ "$(id -u)" = 0 ]; then
  state=/var/lib/virtfold
else
  state=${XDG_STATE_HOME:-$HOME/.local/state}/virtfold
fi
folder=$state/$uuid

mkdir -p "$state" || fail "cannot make $state"
command -v flock >/dev/null || fail "flock (util-linux) is missing"
exec 8>>"$state/lock" || fail "cannot write in $state"
flock -w 30 8 || fail "another backup is being started on this host and does not end"

if [ -e "$folder/journal" ]; then
  printf 'held\t%s\t%s\t%s\n' "$folder" "$(sed -n 's/^backup-id	//p' "$folder/header")" \
    "$(sed -n 's/^since	//p' "$folder/header")"
  exit 3
fi

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
printf 'open\n' >"$folder/state" || fail "cannot write in $folder"
sync "$folder/guard.sh" "$folder/header" "$folder/definition.xml" "$folder/state" 2>/dev/null || sync
: >"$folder/journal" || fail "cannot write in $folder"
sync "$folder/journal" "$folder" 2>/dev/null || sync
printf 'armed\t%s\n' "$folder"
