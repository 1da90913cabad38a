# Lists the guards on this host, and what the last ones came to. Reads only; made for guards of any version.
# Run as: list.sh
#
# Prints a line for each, tab-separated; fields that a guard does not tell are empty:
#   guard FOLDER UUID BACKUP_ID VM CONTROLLER SINCE STATE RENEWED_SECONDS_AGO LEASE_SECONDS WATCHED
#   trouble FOLDER ACTION DETAIL        what a stuck guard could not undo
#   receipt BACKUP_ID CAUSE DETAIL SECONDS PEAK_BYTES ENDED UUID
# RENEWED_SECONDS_AGO is -1 when that cannot be told. WATCHED is yes or no.

if [ "${VIRTFOLD_STATE_DIRECTORY:-}" ]; then
  state=$VIRTFOLD_STATE_DIRECTORY
elif [ "$(id -u)" = 0 ]; then
  state=/var/lib/virtfold
else
  state=${XDG_STATE_HOME:-$HOME/.local/state}/virtfold
fi

header_of() { sed -n "s/^$1	//p" "$folder/header" 2>/dev/null | head -n 1; }
is_watched() { [ -e "$folder/watch.lock" ] && ! (exec 7<"$folder/watch.lock" && flock -n 7) 2>/dev/null; }

for journal in "$state"/*/journal; do
  [ -e "$journal" ] || continue
  folder=${journal%/journal}
  guard_state='' renewed='' age=-1
  read -r guard_state <"$folder/state" 2>/dev/null
  [ ! -e "$folder/lease" ] || read -r renewed <"$folder/lease"
  IFS=' .' read -r up _ </proc/uptime
  # A lease of before the last boot is as old as a lease can be.
  case $renewed in '' | *[!0-9]*) ;; *) if [ "$renewed" -le "$up" ]; then age=$((up - renewed)); fi ;; esac
  [ "$(header_of boot)" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] || age=-1
  watched=no
  ! is_watched || watched=yes
  printf 'guard\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$folder" "${folder##*/}" "$(header_of backup-id)" \
    "$(header_of vm)" "$(header_of controller)" "$(header_of since)" "$guard_state" "$age" \
    "$(header_of lease-seconds)" "$watched"
  [ ! -e "$folder/left" ] || while read -r line; do printf 'trouble\t%s\t%s\n' "$folder" "$line"; done <"$folder/left"
done
for receipt in "$state"/*.receipt; do
  [ -e "$receipt" ] || continue
  name=${receipt##*/}
  printf '%s\t%s\n' "$(head -n 1 "$receipt")" "${name%.receipt}"
done
exit 0
