# guard.sh: the host's own safety net for one VM's backup, and the only code that undoes changes on a host.
# The protocol and its rules: README.md beside this file in the project.
#
#   open ──record, change──▶ open ──restore──▶ restoring ──▶ (folder gone, a receipt stays)
#     └── watch: lease lost, overlay too big ──────▶ restoring ──▶ stuck    watch and recover try again
#
# usage: sh <folder>/guard.sh record VERB FIELD…   make an undo durable, before the change it undoes
#        sh <folder>/guard.sh change COMMAND…      run a change under the lock; refused once restoring has begun
#        sh <folder>/guard.sh settle VERB          what VERB would undo is known to be undone already
#        sh <folder>/guard.sh keep VERB…           what these would undo is to stay: all of it or, should the host die
#                                                  now, none; refused once restoring has begun
#        sh <folder>/guard.sh write DEVICE NUMBER MARKER  what comes on standard input goes onto a block device
#        sh <folder>/guard.sh renew                the controller lives: the lease counts anew
#        sh <folder>/guard.sh restore [CAUSE DETAIL]  undo everything, newest first; safe to run again, at any time
#        sh <folder>/guard.sh watch                restore when the lease runs out or an overlay grows too big
#        sh <folder>/guard.sh start-watch          have a watcher that outlives this session, and see that it is alive
#        sh <folder>/guard.sh status
#        sh <folder>/guard.sh verbs
#
# POSIX sh; needs virsh, qemu-img, flock and timeout. The journal is data: fields between tabs, never evaluated.
# renew prints one line:  open PEAK_BYTES | restoring CAUSE DETAIL
# restore prints lines of fields between tabs:
#   progress TARGET PERCENT | folded TARGET | left VERB DETAIL | receipt BACKUP_ID CAUSE DETAIL SECONDS PEAK_BYTES ENDED
#   restored | stuck
# write prints the marker between two newlines once it is ready, then a line  wrote BYTES  behind each part.
# Exit: 0 done, 4 something is left, 5 refused (restoring has begun), 6 the lock is held by another, 2 usage,
#       7 no watcher could be started, 8 the device is not what it was or cannot be written to.

set -u
umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin
export LC_ALL PATH
unset VIRSH_DEFAULT_CONNECT_URI LIBVIRT_DEFAULT_URI POSIXLY_CORRECT CDPATH 2>/dev/null
tab=$(printf '\t')

# Absolute, because the lock lies beside it. A folder that just went away is one that never has a journal.
folder=$(cd -- "$(dirname -- "$0")" 2>/dev/null && pwd -P) || folder=/dev/null
fold_seconds=${VIRTFOLD_FOLD_SECONDS:-7200} # how long one disk's commit may take to converge
busy_seconds=${VIRTFOLD_BUSY_SECONDS:-180}  # how long libvirt may take to answer, or to end what it does with the VM
thaw_seconds=${VIRTFOLD_THAW_SECONDS:-120}  # how long the guest agent may take to thaw
close_seconds=${VIRTFOLD_CLOSE_SECONDS:-30} # how long QEMU may take to close an overlay that it no longer uses
retry_seconds=${VIRTFOLD_RETRY_SECONDS:-30} # how long the watcher waits before it tries again; doubles up to ten minutes
start_seconds=${VIRTFOLD_START_SECONDS:-5}  # how long a watcher may take to be alive
systemd_folder=${VIRTFOLD_SYSTEMD_FOLDER:-/run/systemd/system} # there while systemd runs (sd_booted(3))
retry_limit=200                             # how often it tries again: more than a day

main() {
  verb=${1:-}
  [ $# -gt 0 ] && shift
  case $verb:$# in
    verbs:0)
      printf 'fold-overlay\nthaw-guest\nresume-guest\nremove-clone\n'
      printf 'remove-created\nmove-back\nundefine-created\nend-created\nclear-created\ndefine-back\n'
      ;;
    record:[1-9]*) take_lock 30 || refuse_gone; require_open; record "$@" ;;
    settle:1) take_lock 30 || refuse_gone; append settled "$1" ;;
    keep:[1-4]) take_lock 30 || refuse_gone; require_open; append settled "$@" ;;
    # The command keeps the lock open: as long as it lives, even without us, the change can still happen.
    change:[1-9]*) start_watch; take_lock 30 || refuse_gone; require_open; "$@" </dev/null ;;
    write:3) write_device "$@" ;;
    end-writers:1) end_writers "$1" ;; # for write, whose own shell would find itself
    renew:0) renew ;;
    restore:0) restore asked '' ;;
    restore:2) restore "$1" "$2" ;;
    watch:0) watch ;;
    start-watch:0) start_watch ;;
    status:0) [ -e "$folder/journal" ] || { echo gone; exit 0; }; cat "$folder/state" "$folder/header" "$folder/journal" ;;
    *)
      echo "usage: sh $0 record VERB FIELD…|change COMMAND…|settle VERB|keep VERB…|write DEVICE NUMBER MARKER|renew|restore|watch|start-watch|status|verbs" >&2
      exit 2
      ;;
  esac
}

# ---------------------------------------------------------------- journal, lock

# Fails when there is nothing left to guard. A lock that can be deleted and made again could be held by two at once, so
# it is deleted by its holder only, and one that was deleted while we waited for it is none. arm.sh takes it too.
take_lock() { # seconds
  is_there || return 1
  lock_deadline=$(($(date +%s) + $1))
  until open_lock && flock -n 9 && ! is_deleted_lock; do # busybox's flock has no -w
    [ "$(date +%s)" -lt "$lock_deadline" ] ||
      { echo "another process is restoring or changing this VM" >&2; exit 6; }
    pause
  done
  # Whoever held the lock may have finished the job and removed the folder, and the next backup may have armed its own.
  is_there && return
  # What was forgotten while we waited is not to be remembered by our asking.
  [ -e "$folder" ] || [ -e "$folder.receipt" ] || rm -f -- "$folder.lock"
  return 1
}

# Where the file system has become read-only, reading is enough to lock; some network file systems want to write.
open_lock() {
  if (true 9>>"$folder.lock") 2>/dev/null; then exec 9>>"$folder.lock"; else exec 9<"$folder.lock"; fi
}

# A file that cannot be asked is not called deleted.
is_deleted_lock() { [ "$(stat -L -c %h /proc/self/fd/9 2>/dev/null)" = 0 ]; }

# Whether there is a guard, and of the backup that is meant. A person who runs this by hand means any.
is_there() {
  [ -e "$folder/journal" ] || return 1
  meant=$(read_header backup-id)
  # What cannot be read is not called gone.
  [ ! "${VIRTFOLD_BACKUP_ID:-}" ] || [ ! "$meant" ] || [ "$meant" = "$VIRTFOLD_BACKUP_ID" ]
}

refuse_gone() { echo "the guard is gone: everything was restored" >&2; exit 5; }

require_open() {
  [ "$(cat "$folder/state")" = open ] || { echo "this host has begun to restore itself" >&2; exit 5; }
  is_of_this_boot || { echo "$rebooted" >&2; exit 5; }
}

make_durable() { sync "$@" 2>/dev/null || sync; }

# Adds one whole line or nothing, also when the disk is full or the host dies meanwhile.
append() { # field…
  line=
  for field in "$@"; do
    case $field in *"$tab"* | *'
'* | '') echo "cannot record a field that is empty or holds a tab or a newline" >&2; exit 2 ;; esac
    line=$line${line:+$tab}$field
  done
  cp -- "$folder/journal" "$folder/journal.new" && printf '%s\n' "$line" >>"$folder/journal.new" &&
    make_durable "$folder/journal.new" && mv -f -- "$folder/journal.new" "$folder/journal" && make_durable "$folder"
}

# What is recorded wrongly can never be undone, so it is refused while nothing has happened yet.
record() { # VERB FIELD…
  case $1:$# in
    fold-overlay:5)
      case $4 in /*) ;; *) echo "cannot record an overlay without its full path" >&2; exit 2 ;; esac
      # Only such a name is found in XML as plain text, and only files of such a name are ever deleted.
      case ${4##*/} in
        *[!A-Za-z0-9._-]*) echo "cannot record an overlay of such a name" >&2; exit 2 ;;
        *.virtfold-*) ;;
        *) echo "cannot record an overlay that is not ours" >&2; exit 2 ;;
      esac
      ;;
    thaw-guest:2 | resume-guest:2) ;;
    remove-clone:3)
      case $3 in /*) ;; *) echo "cannot record a clone without its full path" >&2; exit 2 ;; esac
      case ${3##*/} in
        *[!A-Za-z0-9._-]*) echo "cannot record a clone of such a name" >&2; exit 2 ;;
        *.virtfold-*.clone) ;;
        *) echo "cannot record a clone that is not ours" >&2; exit 2 ;;
      esac
      ;;
    remove-created:3) check_created "$3" ;;
    move-back:5) check_move "$@" ;;
    undefine-created:3) ;;
    clear-created:3) check_own_folder "$3" ;;
    end-created:3) check_named "$3" ;;
    define-back:3) check_created "$3" ;;
    *) echo "cannot record $1 with $(($# - 1)) fields" >&2; exit 2 ;;
  esac
  # From now on the guest may write to an overlay.
  case $1 in fold-overlay) [ -e "$folder/since" ] || date +%s >"$folder/since" ;; esac
  append "$@"
}

read_header() { sed -n "s/^$1$tab//p" "$folder/header" 2>/dev/null; }

# ---------------------------------------------------------------- lease, watch

# Seconds since the host booted, sleep included (proc(5)): no clock that somebody sets can lengthen or shorten a lease.
uptime_seconds() { IFS=' .' read -r up _ </proc/uptime; echo "$up"; }

boot_id() { cat /proc/sys/kernel/random/boot_id 2>/dev/null; }

rebooted="this host has booted since the backup began"

is_of_this_boot() {
  boot=$(read_header boot)
  [ -z "$boot" ] || [ "$boot" = "$(boot_id)" ]
}

# Written over in place, at the same length: that works on a full disk too. The controller looks at the answer, and
# what it may not have any more is settled by `change` and by the state; so no lock, which a change may hold for long.
renew() {
  is_there || { tell_receipt; exit 5; }
  # What was read before the host went down may have been in its memory only: half a copy of each boot is no copy.
  if ! is_of_this_boot; then
    start_watch
    printf 'restoring\tboot\t%s\n' "$rebooted"
    exit 5
  fi
  printf '%-20d\n' "$(uptime_seconds)" 1<>"$folder/lease" || exit 1
  read -r state <"$folder/state"
  if [ "$state" != open ]; then
    printf 'restoring\t%s\n' "$(cat "$folder/cause" 2>/dev/null || printf 'asked\t')"
    exit 5
  fi
  start_watch
  printf 'open\t%s\n' "$(peak_bytes)"
}

# Since when the lease was not renewed, in seconds; very long when that cannot be told, or the host has booted since.
lease_age() {
  is_of_this_boot || { echo 999999; return; }
  read -r renewed <"$folder/lease" 2>/dev/null || renewed=
  now=$(uptime_seconds)
  case $renewed in '' | *[!0-9]*) echo 999999; return ;; esac
  [ "$renewed" -le "$now" ] || { echo 999999; return; }
  echo $((now - renewed))
}

is_watched() { ! (exec 7>>"$folder/watch.lock" && flock -n 7) 2>/dev/null; }

# Sees to it that a watcher is alive. It holds its lock for as long as it lives, so nobody is fooled by a process id.
# A guard without a lease has none.
start_watch() {
  [ "$(read_number_of lease-seconds 0)" -gt 0 ] || return 0
  ! is_watched || return 0
  for attempt in 1 2 3; do
    launch_watch "$attempt"
    launch_deadline=$(($(date +%s) + start_seconds))
    until is_watched; do
      [ -e "$folder/journal" ] || return 0
      [ "$(date +%s)" -lt "$launch_deadline" ] || continue 2
      pause
    done
    return 0
  done
  echo "cannot start the guard's watcher" >&2
  exit 7
}

# Where systemd runs, a unit of its own: what is left of a session ends with it there (KillUserProcesses). Elsewhere a
# session of its own. None of our locks goes with it.
launch_watch() { # attempt
  if [ "$1" = 1 ] && [ -d "$systemd_folder" ] && command -v systemd-run >/dev/null && [ "$(id -u)" = 0 ]; then
    set --
    for variable in FOLD BUSY THAW CLOSE RETRY; do
      eval "value=\${VIRTFOLD_${variable}_SECONDS:-}"
      [ -z "$value" ] || set -- "$@" "--setenv=VIRTFOLD_${variable}_SECONDS=$value"
    done
    systemd-run --quiet "--unit=virtfold-guard-${folder##*/}-$(date +%s)-$$" "--setenv=PATH=$PATH" \
      "--setenv=HOME=${HOME:-/}" "$@" sh "$folder/guard.sh" watch </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- && return 0
  fi
  if command -v setsid >/dev/null; then
    setsid sh "$folder/guard.sh" watch </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &
  else
    (trap '' HUP; exec sh "$folder/guard.sh" watch) </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &
  fi
}

# Looks every second until the guard is gone. Restores when nobody renews the lease, when the overlays grow too big,
# and when whoever began to restore died or got stuck.
watch() {
  trap '' HUP INT PIPE
  cd /
  exec 8>>"$folder/watch.lock"
  patience=20
  until flock -n 8; do # also held for a moment by whoever asks whether there is a watcher
    patience=$((patience - 1))
    [ "$patience" -gt 0 ] || exit 0
    pause
  done
  tries=0 rest=$retry_seconds not_before=0
  lease_seconds=$(read_number_of lease-seconds 0)
  budget=$(read_number_of budget-bytes 0)
  reserve=$(read_number_of reserve-bytes 0)
  backup_id=$(read_header backup-id)
  # The folder may be the next backup's by now, which has a watcher of its own.
  while [ -e "$folder/journal" ] && [ "$(read_header backup-id)" = "$backup_id" ]; do
    find_cause
    now=$(uptime_seconds)
    if [ "$cause" ] && [ "$now" -ge "$not_before" ] && ! is_locked; then
      VIRTFOLD_BACKUP_ID=$backup_id sh "$folder/guard.sh" restore "$cause" "$detail" </dev/null >/dev/null 2>&1 8>&-
      [ -e "$folder/journal" ] || exit 0
      tries=$((tries + 1))
      [ "$tries" -lt "$retry_limit" ] || exit 0
      not_before=$(($(uptime_seconds) + rest))
      [ "$rest" -ge 600 ] || rest=$((rest * 2))
    fi
    sleep 1 8>&-
  done
}

# Held by a change or by somebody who restores: neither is to be disturbed.
is_locked() { [ -e "$folder.lock" ] && ! (open_lock && flock -n 9 8>&-) 2>/dev/null; }

# Sets cause (a word; empty while all is well) and detail.
find_cause() {
  cause='' detail=''
  read -r state <"$folder/state" 2>/dev/null || state=
  case $state in
    open) ;;
    stuck)
      # Whoever got stuck has just tried.
      if [ "$tries" -eq 0 ]; then tries=1 not_before=$(($(uptime_seconds) + rest)); fi
      cause=again
      return
      ;;
    *) cause=again; return ;;
  esac
  if [ "$lease_seconds" -gt 0 ] && ! is_of_this_boot; then cause=boot detail=$rebooted; return; fi
  age=$(lease_age)
  if [ "$lease_seconds" -gt 0 ] && [ "$age" -ge "$lease_seconds" ]; then
    cause=lease detail="the controller has not renewed its lease for $age s"
    return
  fi
  measure_overlays
  if [ "$budget" -gt 0 ] && [ "$total" -gt "$budget" ]; then
    cause=budget detail="the overlays take $total bytes, more than the $budget bytes they may"
    return
  fi
  [ "$total" -eq 0 ] || find_shortage
}

read_number_of() { # key default
  number=$(read_header "$1")
  case $number in '' | *[!0-9]*) echo "$2" ;; *) echo "$number" ;; esac
}

# The bytes that all overlays take now, in $total; the most they ever took is kept.
measure_overlays() {
  total=0
  while IFS=$tab read -r action _ _ overlay _; do
    [ "$action" = fold-overlay ] || continue
    bytes=$(allocated_bytes "$overlay")
    total=$((total + bytes))
  done <"$folder/journal"
  # A second may be too long for a file that grows fast, so it is also looked at right before it is folded.
  [ "$total" -le "$(peak_bytes)" ] || printf '%-20d\n' "$total" 1<>"$folder/peak"
}

peak_bytes() {
  peak=
  [ ! -e "$folder/peak" ] || read -r peak <"$folder/peak"
  case $peak in '' | *[!0-9]*) echo 0 ;; *) echo "$peak" ;; esac
}

allocated_bytes() { # file
  # shellcheck disable=SC2046  # two numbers
  set -- $(stat -c '%b %B' -- "$1" 2>/dev/null)
  if [ $# -eq 2 ]; then echo $(($1 * $2)); else echo 0; fi
}

# A guest whose writes do not fit is paused, and what is in an overlay must still fit into its base.
find_shortage() {
  while IFS=$tab read -r action _ target overlay base; do
    [ "$action" = fold-overlay ] || continue
    [ -e "$overlay" ] || continue
    here=${overlay%/*} there=${base%/*}
    growth=$(possible_growth "$base")
    free=$(free_bytes "${here:-/}")
    same=
    [ "$(stat -c %d -- "${here:-/}" 2>/dev/null)" != "$(stat -c %d -- "${there:-/}" 2>/dev/null)" ] || same=yes
    if [ "$free" -lt $((reserve + (${same:+1} + 0) * growth)) ]; then
      cause=space detail="$free bytes are free in ${here:-/}, and the overlays take $total bytes"
      return
    fi
    if [ ! "$same" ] && [ "$growth" -gt 0 ] && [ "$(free_bytes "${there:-/}")" -lt "$growth" ]; then
      cause=space detail="${there:-/} has too little room for the $total bytes in the overlays"
      return
    fi
  done <"$folder/journal"
}

# How many bytes more a base may take once the overlays are in it: those of a raw file only what it has in holes.
possible_growth() { # base
  [ -f "$1" ] || { echo 0; return; }
  if dd if="$1" bs=3 count=1 2>/dev/null | grep -q '^QFI'; then echo "$total"; return; fi
  length=$(stat -c %s -- "$1" 2>/dev/null) || { echo 0; return; }
  holes=$((length - $(allocated_bytes "$1")))
  [ "$holes" -gt 0 ] || holes=0
  if [ "$holes" -lt "$total" ]; then echo "$holes"; else echo "$total"; fi
}

# A very large number when df does not tell: a dead server must not keep the watcher from its other duties.
free_bytes() { # folder
  kib=$(timeout -k 1 5 df -P -k "$1" 2>/dev/null | awk 'NR == 2 { for (i = 5; i <= NF; i++) if ($i ~ /^[0-9]+%$/) { print $(i - 1); exit } }')
  case $kib in '' | *[!0-9]*) kib=9000000000000 ;; esac
  echo $((kib * 1024))
}

# ---------------------------------------------------------------- restore

restore() { # cause detail
  trap '' HUP INT PIPE  # the SSH session may end; the work goes on
  take_lock 7500 || { tell_receipt; echo restored; exit 0; }
  uri=$(read_header uri)
  # The first cause is the true one: what comes later only tries again.
  [ -e "$folder/cause" ] || printf '%s\t%s\n' "$1" "$(one_line "$2")" >"$folder/cause"
  printf 'restoring\n' >"$folder/state"
  make_durable "$folder/state"
  # Not `:`: a redirection of a special built-in that fails ends the shell (POSIX, 2.8.1), and a full disk must not.
  true >"$folder/left"
  measure_overlays
  make_work_folder || give_up "cannot make a work folder"
  sed '1!G;h;$!d' "$folder/journal" >"$work/newest-first"
  [ "$(wc -l <"$work/newest-first")" -eq "$(wc -l <"$folder/journal")" ] || give_up "cannot read the whole journal"
  failures=0 settled=' ' late='' spared=''
  true >"$work/error"
  # Made by each of them before it looks at the state.
  [ ! -e "$folder/writing" ] || (end_writers 0) || { left write-device "a process still writes to a block device"; failures=1; }
  while IFS=$tab read -r action a b c d; do
    case $settled in *" $action "*) continue ;; esac
    case $action in
      fold-overlay) (fold_overlay "$a" "$b" "$c" "$d") ;;
      thaw-guest) (thaw_guest "$a") || { [ $? -eq 3 ] && late=$a; } ;;
      resume-guest) (resume_guest "$a") ;;
      remove-clone) (remove_clone "$a" "$b") ;;
      remove-created) (remove_created "$a" "$b") ;;
      move-back) (move_back "$a" "$b" "$c" "$d") ;;
      undefine-created) (undefine_created "$a" "$b") ;;
      end-created) (end_created "$a" "$b") ;;
      clear-created) (clear_created "$a" "$b") ;;
      define-back) (define_back "$a" "$b") || { spared=$b; false; } ;;
      settled) settled="$settled$a $b $c $d " ;; # what was recorded before it, not what came after
      committed) ;;
      *) left "$action" "this guard does not know how to undo it" ;;
    esac || failures=$((failures + 1))
  done <"$work/newest-first"
  [ ! "$late" ] || (thaw_guest "$late") || failures=$((failures + 1))
  [ "$failures" -eq 0 ] || end_stuck
  rm -rf -- "$work"
  keep_receipt
  # The journal goes first: without it the rest of the folder means nothing.
  rm -f -- "$folder/journal" || give_up "cannot delete the journal"
  make_durable "$folder"
  tell_receipt
  forgets=$(read_header forget)
  rm -rf -- "$folder"
  # Last, and under the lock still.
  [ "$forgets" != yes ] || rm -f -- "$folder.receipt" "$folder.lock"
  echo restored
}

# What came of it, for whoever asks when the guard is gone. No promise hangs on it: on a full disk there is none.
keep_receipt() {
  seconds=0
  if [ -e "$folder/since" ]; then
    read -r since <"$folder/since"
    seconds=$(($(date +%s) - ${since:-0}))
    [ "$seconds" -ge 0 ] || seconds=0
  fi
  printf 'receipt\t%s\t%s\t%s\t%s\t%s\n' "$(read_header backup-id)" "$(cat "$folder/cause" 2>/dev/null || printf 'asked\t')" \
    "$seconds" "$(peak_bytes)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$folder.receipt.new" &&
    mv -f -- "$folder.receipt.new" "$folder.receipt"
} 2>/dev/null

tell_receipt() { cat "$folder.receipt" 2>/dev/null; }

one_line() { printf '%s' "$1" | tr '\t\n' '  ' | cut -c 1-500; }

# In memory where possible: the disk that the overlays filled up may be the one that holds this folder.
make_work_folder() {
  work=
  for place in /run "$folder"; do
    rm -rf -- "$place/virtfold-${folder##*/}".* # of a restore that was killed
    work=$(mktemp -d "$place/virtfold-${folder##*/}.XXXXXX") && return 0
  done 2>/dev/null
  return 1
}

give_up() { left restore-host "$1"; end_stuck; }

end_stuck() {
  rm -rf -- ${work:+"$work"}
  printf 'stuck\n' >"$folder/state"
  make_durable "$folder/state"
  echo stuck
  exit 4
}

left() {
  printf 'left\t%s\t%s\n' "$1" "$(one_line "$2")"
  # For whoever finds this guard stuck.
  printf '%s\t%s\n' "$1" "$(one_line "$2")" >>"$folder/left" 2>/dev/null
  return 1
}

# ---------------------------------------------------------------- fold-overlay

# Brings one disk back onto its base: commit, pivot, check that nothing uses the overlay, only then delete it.
# Looks at what is, not at what was recorded: the overlay may never have been made, or be folded already.
fold_overlay() { # uuid target overlay base
  uuid=$1 target=$2 overlay=$3 base=$4 name=${3##*/}
  committed_now=
  # Again when the guest stopped or started, or libvirt went away, while we looked.
  for _ in 1 2 3; do
    is_worth_again=
    if fold_once; then
      printf 'folded\t%s\n' "$target"
      return 0
    fi
    [ "$is_worth_again" ] || break
  done
  left fold-overlay "$target: $detail"
}

fail() { detail=$1; return 1; }
fail_for_now() { is_worth_again=yes; fail "$1"; }

fold_once() {
  wait_for_libvirt
  case $presence in
    unknown) fail "libvirt does not answer"; return 1 ;;
    undefined)
      [ -e "$overlay" ] || return 0
      fail "the VM is no longer defined on this host; its overlay $overlay is kept"
      return 1
      ;;
  esac
  dump inactive || return 1
  [ "$(name_line "$work/inactive.xml")" = "$(name_line "$folder/definition.xml")" ] ||
    { fail "the VM has been renamed since; $overlay is kept"; return 1; }
  case $presence in
    active) wait_for_job_lock && fold_live || return 1 ;;
    inactive) fold_offline || return 1 ;;
  esac
  put_definition_right && remove_overlay
}

name_line() { sed -n -e '/^  <name>/{p' -e 'q' -e '}' "$1"; }

wait_for_libvirt() {
  deadline=$(($(date +%s) + busy_seconds))
  while presence=$(domain_presence) && [ "$presence" = unknown ] && [ "$(date +%s)" -lt "$deadline" ]; do pause; done
}

# active | inactive | undefined | unknown
domain_presence() {
  all=$(call_virsh 60 list --all --uuid 2>/dev/null) || { echo unknown; return; }
  has_line "$all" "$uuid" || { echo undefined; return; }
  active=$(call_virsh 60 list --uuid 2>/dev/null) || { echo unknown; return; }
  if has_line "$active" "$uuid"; then echo active; else echo inactive; fi
}

has_line() { # text line
  case "
$1
" in *"
$2
"*) return 0 ;; *) return 1 ;; esac
}

# The whole document in $work/NAME.xml. virsh may succeed although it could not write it all.
dump() { # live | inactive
  dump_file=$work/$1.xml
  case $1 in live) set -- ;; inactive) set -- --inactive --security-info ;; esac
  if ! call_virsh 60 dumpxml "$@" "$uuid" >"$dump_file" 2>"$work/error" || ! grep -q '^</domain>$' "$dump_file"; then
    fail_for_now "virsh dumpxml failed: $(last_error)"
  fi
}

# A snapshot whose client was ended may still be under way in libvirtd. A query takes the same per-domain lock,
# so once it is answered the change has either happened or it has not.
wait_for_job_lock() {
  deadline=$(($(date +%s) + busy_seconds))
  until call_virsh 90 domblkstat "$uuid" "$target" >/dev/null 2>"$work/busy"; do
    case $(live_place) in
      inactive | unreadable) fail_for_now "the VM starts and stops, or libvirt does"; return 1 ;;
      absent) return 0 ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] ||
      { fail "libvirt is still busy with this VM: $(last_error "$work/busy")"; return 1; }
    pause
  done
}

fold_live() {
  deadline=$(($(date +%s) + fold_seconds)) started=0 pivots=0
  true >"$work/job"
  while :; do
    case $(live_place) in
      elsewhere | absent) return 0 ;;
      inactive | unreadable) fail_for_now "the VM starts and stops, or libvirt does"; return 1 ;;
      beneath) fail "another image lies on top of $overlay; both are kept"; return 1 ;;
      other-job) fail "another block job runs on this disk"; return 1 ;;
      overlay)
        [ "$started" -lt 3 ] || { fail "the block commit does not get ready: $(last_error "$work/job")"; return 1; }
        started=$((started + 1))
        stands_on_base || return 1
        ! is_committed || note_committed no # the job that was to pivot has been cancelled
        # Its own former base only: without --base, blockcommit would flatten the whole chain.
        call_virsh 120 blockcommit "$uuid" "$target" --active --base "$base" --top "$overlay" \
          >/dev/null 2>"$work/job" || pause
        ;;
      committing) report_progress; pause ;;
      ready)
        [ "$pivots" -lt 40 ] || { fail "the block job does not pivot: $(last_error "$work/job")"; return 1; }
        pivots=$((pivots + 1))
        # Ready: from now on the disk leaves the overlay only by a pivot, which first brings the base up to date.
        is_committed || note_committed live
        call_virsh 120 blockjob "$uuid" "$target" --pivot >/dev/null 2>"$work/job" || pause
        ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] || { fail "the block commit did not finish in $fold_seconds s"; return 1; }
  done
}

# Whether the overlay lies right on the base that was recorded. Somebody may have taken a snapshot between our last look
# and ours: their image would then be folded too, into a base that is not our overlay's own.
stands_on_base() {
  read_overlay || { fail_for_now "cannot read what $overlay is based on: $(last_error)"; return 1; }
  if holds_snapshot; then
    fail "somebody took an internal snapshot of the VM meanwhile, which is in $overlay and would be lost: delete it (virsh snapshot-delete), then restore again"
    return 1
  fi
  below=$(printf '%s\n' "$info" | sed -n 's/^backing file: //p' | head -n 1)
  [ "$below" != "$base" ] || return 0
  # A relative name is relative to the overlay's folder.
  case $below in *" (actual path: "*")") below=${below##*" (actual path: "} below=${below%")"} ;; esac
  case $below in '' | /*) ;; *) below=${overlay%/*}/$below ;; esac
  own=$(stat -L -c %d:%i -- "$base" 2>/dev/null) || own=none
  [ "$below" ] && [ "$(stat -L -c %d:%i -- "$below" 2>/dev/null)" = "$own" ] ||
    fail "$overlay lies on ${below:-nothing} and not on $base, where it was to be folded; all are kept"
}

read_overlay() {
  info=$(qemu-img info -U -- "$overlay" 2>"$work/error" || qemu-img info -- "$overlay" 2>"$work/error")
}

# QEMU puts an internal snapshot into the image that the VM runs on, and a commit brings no snapshot into the base.
holds_snapshot() { printf '%s\n' "$info" | grep -q '^Snapshot list:'; }

# What disk_place says, or: inactive | unreadable. A VM that stopped meanwhile answers with its definition.
live_place() {
  dump live || { echo unreadable; return; }
  grep -q "^<domain .* id='" "$work/live.xml" || { echo inactive; return; }
  disk_place "$work/live.xml"
}

# Where the disk stands in this XML.
#   absent | elsewhere: its chain does not hold our overlay | beneath: another image lies on top of our overlay
#   overlay: it runs on our overlay | committing | ready | other-job
# libvirt writes this XML itself, indented by nesting: a disk is at four spaces, its own source and mirror at six.
disk_place() { # file
  disk_block "$target" "$1" | awk -v name="/$name'" '
    /^      <source / && !seen { seen = 1; ours = index($0, name) }
    /^      <mirror / { mirror = $0 }
    index($0, name) { named = 1 }
    END {
      if (NR == 0) print "absent"
      else if (!ours) print (named ? "beneath" : "elsewhere")
      else if (mirror == "") print "overlay"
      else if (!index(mirror, " job=\047active-commit\047")) print "other-job"
      else if (index(mirror, " ready=\047yes\047")) print "ready"
      else print "committing"
    }'
}

disk_block() { # target file
  awk -v target="      <target dev='$1'" '
    /^  <devices>$/ { devices = 1 }
    /^  <\/devices>$/ { devices = 0 }
    devices && /^    <disk / { inside = 1; block = ""; found = 0 }
    inside { block = block $0 "\n"; if (index($0, target) == 1) found = 1 }
    inside && /^    <\/disk>$/ { inside = 0; if (found) printf "%s", block }
  ' "$2"
}

report_progress() {
  percent=$(call_virsh 60 blockjob "$uuid" "$target" --info 2>&1 | sed -n 's/.*\[ *\([0-9][0-9]*\).*%\].*/\1/p')
  [ -n "$percent" ] && printf 'progress\t%s\t%s\n' "$target" "$percent"
}

# The guest went away inside the window: what it wrote is in the overlay, so it is committed with the VM shut off.
# QEMU's image locks (2.10 and newer) refuse this while any QEMU has the images open.
fold_offline() {
  case $(disk_place "$work/inactive.xml") in
    elsewhere | absent) return 0 ;;
    beneath) fail "another image lies on top of $overlay; both are kept"; return 1 ;;
  esac
  is_at_rest || return 1
  [ -f "$overlay" ] || { fail "the VM is defined on $overlay, which does not exist"; return 1; }
  stands_on_base || return 1
  # It keeps our lock open: it may outlive us. With -b it leaves the overlay as it is.
  if ! qemu-img commit -f qcow2 -b "$base" -- "$overlay" </dev/null >/dev/null 2>"$work/error"; then
    is_worth_again=$([ "$(domain_presence)" = inactive ] || echo yes)
    fail "qemu-img commit failed: $(last_error)"
    return 1
  fi
  note_committed "$(overlay_stamp)"
}

# A saved VM wants the very images back that its saved state names; one that was migrated may run elsewhere on them.
is_at_rest() {
  if ! reason=$(call_virsh 60 domstate --reason "$uuid" 2>"$work/error") ||
    ! saved=$(call_virsh 60 list --all --with-managed-save --uuid 2>"$work/error"); then
    fail_for_now "virsh does not tell how the VM ended: $(last_error)"
    return 1
  fi
  case $reason in
    *'(migrated)'*) fail "the VM was migrated to another host inside the window; $overlay is kept"; return 1 ;;
    *'(saved)'*) saved=$uuid ;;
  esac
  ! has_line "$saved" "$uuid" ||
    fail "the VM is saved to disk together with $overlay: start it, then restore again"
}

# Written before the pivot or right after an offline commit: whoever comes next knows that an overlay no longer in
# use was not simply abandoned. An offline commit holds for the overlay as it was then: the VM may start on it again.
note_committed() { # live | no | stamp
  committed_now=$1
  append committed "$overlay" "$1" || return 0
}

is_committed() {
  state=$committed_now
  [ "$state" ] || state=$(grep -F -- "committed$tab$overlay$tab" "$folder/journal" | tail -n 1)
  state=${state##*"$tab"}
  [ "$state" = live ] || { [ "$state" ] && [ "$state" = "$(overlay_stamp)" ]; }
}

overlay_stamp() { stat -c '%i %s %Y' -- "$overlay" 2>/dev/null || echo unknown; }

# The definition for the next start. libvirt puts it right at the pivot; after an offline commit we do, by putting
# back this disk's own <disk> element as it was. Everything else in the definition stays as it is now.
put_definition_right() {
  dump inactive || return 1
  case $(disk_place "$work/inactive.xml") in
    elsewhere | absent) return 0 ;;
    beneath) fail "the definition has another image on top of $overlay; both are kept"; return 1 ;;
  esac
  is_committed || is_empty_overlay ||
    { fail_for_now "the definition names $overlay, whose data may not be in $base; it is kept"; return 1; }
  disk_block "$target" "$folder/definition.xml" >"$work/block"
  [ -s "$work/block" ] || { fail "the definition still names $overlay and the one of before lacks the disk"; return 1; }
  awk -v target="      <target dev='$target'" -v original="$work/block" '
    /^  <devices>$/ { devices = 1 }
    /^  <\/devices>$/ { devices = 0 }
    devices && /^    <disk / { inside = 1; block = ""; found = 0 }
    inside { block = block $0 "\n"; if (index($0, target) == 1) found = 1 }
    !inside { print }
    inside && /^    <\/disk>$/ {
      inside = 0
      if (found) { while ((getline line < original) > 0) print line } else printf "%s", block
    }' "$work/inactive.xml" >"$work/mended.xml"
  call_virsh 60 define "$work/mended.xml" >/dev/null 2>"$work/error" ||
    { fail "virsh define failed: $(last_error)"; return 1; }
  dump inactive || return 1
  [ "$(disk_place "$work/inactive.xml")" = elsewhere ] || fail "the definition still names $overlay"
}

# Deletes the overlay once nothing uses it: neither definition, no other image, no process, and its data is known
# to be in the base.
remove_overlay() {
  [ -e "$overlay" ] || [ -L "$overlay" ] || return 0
  if [ ! -f "$overlay" ] || [ -L "$overlay" ]; then
    fail "$overlay is not a plain file; it is kept"
    return 1
  fi
  is_unnamed || return 1
  # QEMU closes it a moment after libvirt's XML no longer names it.
  wait_until_closed "$name" || { fail "a process still has $overlay open; it is kept"; return 1; }
  is_committed || is_empty_overlay ||
    { fail "$overlay holds data and nothing says that it was committed; it is kept"; return 1; }
  rm -f -- "$overlay" || fail "cannot delete $overlay"
}

wait_until_closed() { # name
  close_deadline=$(($(date +%s) + close_seconds))
  # shellcheck disable=SC2010  # only the unique name is looked for, in what the links point to
  while ls -l /proc/[0-9]*/fd 2>/dev/null | grep -Fq -- "/$1"; do
    [ "$(date +%s)" -lt "$close_deadline" ] || return 1
    pause
  done
}

is_unnamed() {
  case $(domain_presence) in
    active)
      dump live || return 1
      ! grep -Fq -- "/$name'" "$work/live.xml" || fail_for_now "$overlay is still in use by the VM; it is kept"
      ;;
    inactive)
      # An image put on top with the VM shut off need not show in the XML.
      image=$(disk_block "$target" "$work/inactive.xml" | sed -n -e "s/^      <source .*file='\([^']*\)'.*/\1/p" |
        sed -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&quot;/"/g' -e "s/&apos;/'/g" -e 's/&amp;/\&/g')
      [ -n "$image" ] || return 0
      chain=$(qemu-img info -U --backing-chain -- "$image" 2>"$work/error" ||
        qemu-img info --backing-chain -- "$image" 2>"$work/error") ||
        { fail_for_now "cannot read what $image is based on; $overlay is kept: $(last_error)"; return 1; }
      ! printf '%s\n' "$chain" | grep -Fq -- "/$name" || fail "$image is based on $overlay; both are kept"
      ;;
    *) fail_for_now "libvirt does not answer; $overlay is kept" ;;
  esac
}

# Made by a snapshot that never took effect: it holds no cluster of its own, not even one of zeroes.
is_empty_overlay() {
  [ -f "$overlay" ] || return 1
  [ -s "$overlay" ] || return 0
  # -U: the running VM has the base open. QEMU before 2.10 neither needs nor knows it.
  { map_is_empty -U || map_is_empty; } && read_overlay && ! holds_snapshot
}

map_is_empty() {
  qemu-img map --output=json "$@" -f qcow2 -- "$overlay" 2>/dev/null |
    awk '/"depth": 0,/ { own = 1 } { last = $0 } END { exit own || last !~ /]$/ }'
}

# ---------------------------------------------------------------- thaw-guest

# An agent that hangs in a freeze ends it late, so one refusal says nothing: ask until it answers. That of a guest which
# is paused by an I/O error cannot answer before it is resumed: 3, once, to be asked again when all else is undone.
thaw_guest() { # uuid
  uuid=$1
  deadline=$(($(date +%s) + thaw_seconds))
  while :; do
    case $(domain_presence) in
      active)
        [ "$late" ] || ! is_paused_by_error || return 3
        call_virsh 20 domfsthaw "$uuid" >/dev/null 2>"$work/error" && return 0
        detail="the guest agent did not thaw the file systems: $(last_error)"
        ;;
      unknown) detail="libvirt does not answer" ;;
      inactive | undefined) return 0 ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] || { left thaw-guest "$detail"; return 1; }
    pause
  done
}

is_paused_by_error() {
  case $(call_virsh 60 domstate --reason "$uuid" 2>/dev/null) in paused*'(I/O error)'*) ;; *) return 1 ;; esac
}

# ---------------------------------------------------------------- resume-guest, remove-clone

# A guest that was paused because its writes found no room goes on once they can go to the base again. One that
# somebody paused stays paused.
resume_guest() { # uuid
  uuid=$1
  resume_deadline=$(($(date +%s) + busy_seconds))
  while :; do
    case $(domain_presence) in
      inactive | undefined) return 0 ;;
      active)
        if reason=$(call_virsh 60 domstate --reason "$uuid" 2>"$work/error"); then
          case $reason in paused*'(I/O error)'*) ;; *) return 0 ;; esac
          call_virsh 60 resume "$uuid" >/dev/null 2>"$work/error" && return 0
        fi
        detail="the guest is paused by an I/O error and does not go on: $(last_error)"
        ;;
      *) detail="libvirt does not answer" ;;
    esac
    [ "$(date +%s)" -lt "$resume_deadline" ] || { left resume-guest "$detail"; return 1; }
    pause
  done
}

# Whether the VM is known to be without a file, by a text that both its definitions would have; else says why it is kept.
is_in_no_definition() { # verb path text
  wait_for_libvirt
  case $presence in
    unknown) left "$1" "libvirt does not answer; $2 is kept"; return 1 ;;
    undefined) return 0 ;;
  esac
  for kind in live inactive; do
    dump "$kind" || { left "$1" "$detail; $2 is kept"; return 1; }
    ! grep -Fq -- "$3" "$work/$kind.xml" || { left "$1" "the VM uses $2; it is kept"; return 1; }
  done
}

# A copy of an image that was made to be read from; never one that a VM uses.
remove_clone() { # uuid path
  uuid=$1 clone=$2 name=${2##*/}
  [ -e "$clone" ] || [ -L "$clone" ] || return 0
  if [ ! -f "$clone" ] || [ -L "$clone" ]; then left remove-clone "$clone is not a plain file; it is kept"; return 1; fi
  is_in_no_definition remove-clone "$clone" "/$name'" || return 1
  wait_until_closed "$name" || { left remove-clone "a process still has $clone open; it is kept"; return 1; }
  rm -f -- "$clone" || { left remove-clone "cannot delete $clone"; return 1; }
}

# ---------------------------------------------------------------- remove-created, move-back, undefine-created, end-created, clear-created, define-back

# Whether a path is ours by its name: its last part, or one of the two folders above, carries the id of this guard's
# backup. The state of a TPM lies in a folder of its own in one of ours.
is_ours() { # path
  mark=.virtfold-$(read_header backup-id)
  part=$1
  for level in file folder above; do
    case ${part##*/} in *"$mark"*) return 0 ;; esac
    part=${part%/*}
  done
  return 1
}

is_plain_path() { # path
  case $1/ in *//* | */./* | */../*) return 1 ;; /*) return 0 ;; *) return 1 ;; esac
}

check_created() { # path
  is_plain_path "$1" || { echo "cannot record what was created without its full path" >&2; exit 2; }
  is_ours "$1" || { echo "cannot record as created what is not ours by its name" >&2; exit 2; }
}

check_own_folder() { # path
  check_created "$1"
  case ${1##*/} in *".virtfold-$(read_header backup-id)"*) return 0 ;; esac
  echo "cannot record a folder that is not ours by its own name" >&2
  exit 2
}

check_named() { # name of a VM
  case $1 in *".virtfold-$(read_header backup-id)"*) return 0 ;; esac
  echo "cannot record the end of a VM that is not ours by its name" >&2
  exit 2
}

check_move() { # verb uuid now was identity
  is_plain_path "$3" && is_plain_path "$4" || { echo "cannot record a move without both full paths" >&2; exit 2; }
  is_ours "$3" || is_ours "$4" || { echo "cannot record a move of what is not ours by its name" >&2; exit 2; }
  case $5 in *[!0-9:]* | :* | *:) ;; *:*) return 0 ;; esac
  echo "cannot record a move without the identity of what is moved" >&2
  exit 2
}

# A file, or an empty folder, that was made for a VM that is restored. Never what a VM uses.
remove_created() { # uuid path
  uuid=$1 created=$2 mark=.virtfold-$(read_header backup-id)
  [ -e "$created" ] || [ -L "$created" ] || return 0
  # The only definition of a VM that did not come back: the next attempt needs it, or a person.
  [ ! "$spared" ] || case $created/ in "$spared"/*) return 0 ;; esac
  is_in_no_definition remove-created "$created" "$mark" || return 1
  if [ -d "$created" ] && [ ! -L "$created" ]; then
    rmdir -- "$created" 2>"$work/error" || { left remove-created "cannot delete folder $created: $(last_error)"; return 1; }
  elif [ -f "$created" ] && [ ! -L "$created" ]; then
    end_transfers "$created"
    wait_until_closed "${created#/}" || { left remove-created "a process still has $created open; it is kept"; return 1; }
    rm -f -- "$created" || { left remove-created "cannot delete $created"; return 1; }
  else
    left remove-created "$created is neither a file nor a folder; it is kept"
    return 1
  fi
}

# An rsync that still receives this very file: its sender outlived the controller, or hangs on a cut link.
end_transfers() { # path
  openers "$1" | while read -r process; do
    read -r program <"/proc/$process/comm" 2>/dev/null || continue
    [ "$program" != rsync ] || kill -TERM "$process" 2>/dev/null
  done
}

# The processes that have a file open, by its whole path.
openers() { # path
  # shellcheck disable=SC2009,SC2010  # what the links point to is looked at
  ls -l /proc/[0-9]*/fd 2>/dev/null | FILE=$1 awk '
    /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); process = part[3] }
    { at = index($0, " -> "); if (at && substr($0, at + 4) == ENVIRON["FILE"]) print process }' | sort -u
}

# What was given another name gets its old one back: known by its identity, and only while no VM is defined on it. A name
# of ours is looked for in the definition, where any other could be written in another way.
move_back() { # uuid now was identity
  uuid=$1 now=$2 was=$3 identity=$4
  if ! is_the_moved "$now"; then
    # It never got the other name, or has its old one back; what is of ours goes when that is undone which made it.
    ! is_the_moved "$was" && ! is_ours "$was" || return 0
    if [ -e "$now" ] || [ -L "$now" ]; then
      left move-back "$now is not what was called $was; it is kept"
      return 1
    fi
    [ -e "$was" ] || [ -L "$was" ] || { left move-back "neither $was nor $now is there"; return 1; }
    return 0
  fi
  if is_ours "$now"; then
    is_in_no_definition move-back "$now" ".virtfold-$(read_header backup-id)" || return 1
  else
    wait_for_libvirt
    case $presence in
      undefined) ;;
      unknown) left move-back "libvirt does not answer; $now is kept"; return 1 ;;
      *) left move-back "the VM is still defined; $now is kept"; return 1 ;;
    esac
  fi
  if [ ! -e "$was" ] && [ ! -L "$was" ]; then
    mv -T -- "$now" "$was" 2>"$work/error" || { left move-back "cannot rename $now to $was: $(last_error)"; return 1; }
  elif is_the_moved "$was" && [ -f "$was" ]; then
    rm -f -- "$now" # one file with both names
  else
    left move-back "something else is called $was by now; $now is kept"
    return 1
  fi
}

# A file system may have another number after a boot; its inodes keep theirs.
is_the_moved() { # path
  found=$(stat -c %d:%i -- "$1" 2>/dev/null) || return 1
  is_of_this_boot || found=${identity%:*}:${found##*:}
  [ "$found" = "$identity" ]
}

# The definition of a VM that was restored, with that of its snapshots; their content is inside its images.
undefine_created() { # uuid name
  uuid=$1
  wait_for_libvirt
  case $presence in
    unknown) left undefine-created "libvirt does not answer; the VM is kept"; return 1 ;;
    undefined) return 0 ;;
    active) left undefine-created "the VM has been started; it is kept, with its images"; return 1 ;;
  esac
  name=$(call_virsh 60 domname "$uuid" 2>"$work/error") ||
    { left undefine-created "virsh does not tell the name of the VM; it is kept: $(last_error)"; return 1; }
  [ "$name" = "$2" ] || { left undefine-created "the VM has been renamed since to $name; it is kept"; return 1; }
  # Its variable store goes with it, which is one of our files; without the option libvirt refuses a VM that has one.
  call_virsh 120 undefine "$uuid" --snapshots-metadata --nvram >/dev/null 2>"$work/error" ||
    { left undefine-created "virsh undefine failed: $(last_error)"; return 1; }
}

# A folder made for a VM that was started for a while, and every file in it: QEMU and libvirt put some there too. What is
# in folders below it is nobody's plan, and is kept; a link goes, and not what it leads to.
clear_created() { # uuid folder
  uuid=$1 cleared=$2 mark=.virtfold-$(read_header backup-id)
  [ -e "$cleared" ] || [ -L "$cleared" ] || return 0
  if [ ! -d "$cleared" ] || [ -L "$cleared" ]; then left clear-created "$cleared is not a folder; it is kept"; return 1; fi
  is_in_no_definition clear-created "$cleared" "$mark" || return 1
  for entry in "$cleared"/* "$cleared"/.[!.]* "$cleared"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    end_transfers "$entry"
  done
  wait_until_closed "${cleared#/}/" ||
    { left clear-created "a process still has a file in $cleared open; it is kept"; return 1; }
  for entry in "$cleared"/* "$cleared"/.[!.]* "$cleared"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    [ -L "$entry" ] || [ ! -d "$entry" ] || continue
    rm -f -- "$entry" || { left clear-created "cannot delete $entry"; return 1; }
  done
  rmdir -- "$cleared" 2>"$work/error" || { left clear-created "cannot delete folder $cleared: $(last_error)"; return 1; }
}

# A VM that was started for a while only, and that libvirt knows for as long as it runs: whatever its guest does, it ends.
# Ours by its name, which has the id in it; one that somebody has defined since is theirs.
end_created() { # uuid name
  uuid=$1
  end_deadline=$(($(date +%s) + busy_seconds))
  while :; do
    case $(domain_presence) in
      undefined) return 0 ;;
      unknown) detail="libvirt does not answer; the VM is kept" ;;
      *)
        if name=$(call_virsh 60 domname "$uuid" 2>"$work/error") &&
          passing=$(call_virsh 60 list --transient --uuid 2>"$work/error"); then
          [ "$name" = "$2" ] || { left end-created "the VM has another name, $name; it is kept"; return 1; }
          has_line "$passing" "$uuid" || { left end-created "the VM has been defined since; it is kept"; return 1; }
          # It may take long to die, longer than we wait; libvirt gives up after half a minute, and says so.
          call_virsh 120 destroy "$uuid" >/dev/null 2>"$work/error" && [ "$(domain_presence)" = undefined ] && return 0
        fi
        detail="the VM does not end: $(last_error)"
        ;;
    esac
    [ "$(date +%s)" -lt "$end_deadline" ] || { left end-created "$detail"; return 1; }
    pause
  done
}

# The VM in whose place another was put, once all that was done in its place is undone: from its definition, those of its
# snapshots in their order, and the notes beside them. From when it is defined again a VM of its name is no created one.
define_back() { # uuid folder
  uuid=$1 kept=$2
  [ "$failures" -eq 0 ] || { left define-back "the VM is defined again once the rest is undone; until then it is in $kept"; return 1; }
  wait_for_libvirt
  case $presence in
    unknown) left define-back "libvirt does not answer; the definition of the VM is in $kept"; return 1 ;;
    undefined) append settled undefine-created || return 1 ;;
    *) grep -q "^settled${tab}undefine-created$" "$folder/journal" || return 0 ;; # it was never undefined
  esac
  put_back define "$kept/definition.xml" || return 1
  for file in "$kept"/snapshot-*.xml; do
    [ -e "$file" ] || continue
    set -- --redefine
    [ "${file##*/}" != "$(cat "$kept/current" 2>/dev/null)" ] || set -- --redefine --current
    put_back snapshot-create "$uuid" --xmlfile "$file" "$@" || return 1
  done
  [ ! -e "$kept/autostart" ] || put_back autostart "$uuid" || return 1
  # What it was defined from goes next, and nobody must miss it should that not go well.
  append settled define-back
}

put_back() { # command of virsh…
  call_virsh 120 "$@" >/dev/null 2>"$work/error" ||
    left define-back "virsh $1 failed: $(last_error); the definition of the VM is in $kept"
}

# ---------------------------------------------------------------- write

# Puts what comes on standard input onto a block device: lines `data SIZE SEEK COUNT`, each with so many blocks of that
# size behind it, and `zeros SIZE SEEK COUNT`. What was there before is gone for good: there is nothing to undo, but for
# the process that writes. It may take hours, so it holds no lock; restore ends it instead, and knows it by the file that
# it has open from before it looks at the state.
write_device() { # path major:minor marker
  is_there || refuse_gone
  exec 7>>"$folder/writing"
  is_there || refuse_gone
  require_open
  [ "$(read_number_of lease-seconds 0)" -eq 0 ] || is_watched || { echo "the guard's watcher is gone" >&2; exit 7; }
  # A link that broke may have left one that does not know it yet.
  sh "$folder/guard.sh" end-writers "$$" 7>&- ||
    { echo "an earlier process still writes to a block device" >&2; exit 8; }
  # Opened once, made never: whatever the name leads to later, this is what is looked at and written to.
  [ -b "$1" ] || { echo "$1 is no block device" >&2; exit 8; }
  exec 8<"$1"
  [ -b /proc/self/fd/8 ] && [ "$(device_number /proc/self/fd/8)" = "$2" ] ||
    { echo "$1 is another device than before" >&2; exit 8; }
  printf '\n%s\n' "$3"
  while read -r kind size seek count; do
    case $size,$seek,$count in *[!0-9,]* | ,* | *, | *,,*) echo "cannot understand what came" >&2; exit 2 ;; esac
    case $kind in
      data) put_blocks ;;
      zeros) put_blocks </dev/zero ;;
      *) echo "cannot understand what came" >&2; exit 2 ;;
    esac || exit 8
    printf 'wrote %s\n' $((size * (seek + count)))
  done
  # The first sector once more, as it is: a dd that copies nothing makes nothing durable (coreutils 8.32 returns before).
  size=512 seek=0 count=1
  put_blocks ,fsync </proc/self/fd/8 || exit 8
}

device_number() { # path
  major=$(stat -L -c %t -- "$1") && minor=$(stat -L -c %T -- "$1") && echo "$((0x$major)):$((0x$minor))"
}

put_blocks() { # more conversions
  said=$(dd bs="$size" seek="$seek" count="$count" iflag=fullblock conv="notrunc${1:-}" of=/proc/self/fd/8 2>&1) ||
    { printf '%s\n' "$said" | grep -v ' records ' >&2; return 1; }
  # The stream may end anywhere.
  case $said in "$count+0 records in"*) ;; *) echo "the stream ended early" >&2; return 1 ;; esac
}

# Ends whoever writes under this guard, but for one process.
end_writers() { # process
  end_deadline=$(($(date +%s) + close_seconds))
  while writing=$(openers "$folder/writing" | grep -vx "$1"); do
    for process in $writing; do kill -KILL "$process" 2>/dev/null; done
    [ "$(date +%s)" -lt "$end_deadline" ] || return 1
    pause
  done
}

# ----------------------------------------------------------------

call_virsh() { # seconds command…
  seconds=$1; shift
  # 9>&-: a session daemon that virsh starts must not inherit our lock.
  timeout -k 5 "$seconds" virsh -c "$uri" "$@" </dev/null 9>&-
}

last_error() { grep . "${1:-$work/error}" | tail -n 1; }

pause() { sleep 0.2 2>/dev/null || sleep 1; }

# On one line: a shell reads on after main, and the file may be another one by then.
main "$@"; exit $?
