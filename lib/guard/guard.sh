# guard.sh: the host's own safety net for one VM's backup, and the only code that undoes changes on a host.
#
#   open ──record, change──▶ open ──restore──▶ restoring ──▶ (folder gone)
#                                                  └───────▶ stuck    a person must look; restore tries again
#
# usage: sh <folder>/guard.sh record VERB FIELD…   make an undo durable, before the change it undoes
#        sh <folder>/guard.sh change COMMAND…      run a change under the lock; refused once restoring has begun
#        sh <folder>/guard.sh settle VERB          what VERB would undo is known to be undone already
#        sh <folder>/guard.sh restore              undo everything, newest first; safe to run again, at any time
#        sh <folder>/guard.sh status
#        sh <folder>/guard.sh verbs
#
# POSIX sh; needs virsh, qemu-img, flock and timeout. The journal is data: fields between tabs, never evaluated.
# restore prints lines of fields between tabs:
#   progress TARGET PERCENT | folded TARGET | left VERB DETAIL | restored | stuck
# Exit: 0 done, 4 something is left, 5 refused (restoring has begun), 6 the lock is held by another, 2 usage.

set -u
umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin
export LC_ALL PATH
unset VIRSH_DEFAULT_CONNECT_URI LIBVIRT_DEFAULT_URI POSIXLY_CORRECT 2>/dev/null
tab=$(printf '\t')

folder=$(dirname -- "$0")
fold_seconds=${VIRTFOLD_FOLD_SECONDS:-7200} # how long one disk's commit may take to converge
busy_seconds=${VIRTFOLD_BUSY_SECONDS:-180}  # how long libvirt may take to end what it does with the VM
thaw_seconds=${VIRTFOLD_THAW_SECONDS:-120}  # how long the guest agent may take to thaw

main() {
  verb=${1:-}
  [ $# -gt 0 ] && shift
  case $verb in
    verbs) printf 'fold-overlay\nthaw-guest\n' ;;
    record) take_lock 30; require_open; record "$@" ;;
    settle) take_lock 30; printf 'settled\t%s\n' "$1" >>"$folder/journal" && make_durable "$folder/journal" ;;
    change) take_lock 30; require_open; "$@" </dev/null 9>&- ;;
    restore) restore ;;
    status) [ -e "$folder/journal" ] || { echo gone; exit 0; }; cat "$folder/state" "$folder/header" "$folder/journal" ;;
    *) echo "usage: sh $0 record|change|settle|restore|status|verbs" >&2; exit 2 ;;
  esac
}

# ---------------------------------------------------------------- journal, lock

take_lock() {
  [ -e "$folder/journal" ] || { echo "the guard is gone: everything was restored" >&2; exit 5; }
  exec 9>>"$folder/lock"
  flock -w "$1" 9 || { echo "another process is restoring or changing this VM" >&2; exit 6; }
  # Whoever held the lock may have finished the job and removed the folder.
  [ -e "$folder/journal" ] || { echo "the guard is gone: everything was restored" >&2; exit 5; }
}

require_open() {
  [ "$(cat "$folder/state")" = open ] || { echo "this host has begun to restore itself" >&2; exit 5; }
}

make_durable() { sync "$@" 2>/dev/null || sync; }

record() {
  line=$1; shift
  for field in "$@"; do
    case $field in *"$tab"* | *'
'* | '') echo "cannot record a field that is empty or holds a tab or a newline" >&2; exit 2 ;; esac
    line=$line$tab$field
  done
  printf '%s\n' "$line" >>"$folder/journal" && make_durable "$folder/journal"
}

read_header() { sed -n "s/^$1$tab//p" "$folder/header"; }

# ---------------------------------------------------------------- restore

restore() {
  trap '' HUP INT PIPE  # the SSH session may end; the work goes on
  [ -e "$folder/journal" ] || { echo restored; exit 0; }
  take_lock 7500
  uri=$(read_header uri)
  printf 'restoring\n' >"$folder/state"
  make_durable "$folder/state"
  work=$(mktemp -d "$folder/work.XXXXXX") || exit 4
  sed '1!G;h;$!d' "$folder/journal" >"$work/newest-first"
  failures=0
  : >"$work/error"
  while IFS=$tab read -r action a b c d; do
    is_settled "$action" && continue
    case $action in
      fold-overlay) (fold_overlay "$a" "$b" "$c" "$d") ;;
      thaw-guest) (thaw_guest "$a") ;;
      committed | settled) ;;
      *) left "$action" "this guard does not know how to undo it" ;;
    esac || failures=$((failures + 1))
  done <"$work/newest-first"
  rm -rf -- "$work"
  if [ "$failures" -gt 0 ]; then
    printf 'stuck\n' >"$folder/state"
    make_durable "$folder/state"
    echo stuck
    exit 4
  fi
  # The journal goes first: without it the rest of the folder means nothing.
  rm -f -- "$folder/journal" && make_durable "$folder"
  rm -f -- "$folder/state" "$folder/header" "$folder/definition.xml" "$folder/guard.sh" "$folder/lock"
  rmdir -- "$folder" 2>/dev/null
  echo restored
}

is_settled() { grep -Fqx -- "settled$tab$1" "$folder/journal"; }

left() {
  printf 'left\t%s\t%s\n' "$1" "$(printf '%s' "$2" | tr '\t\n' '  ' | cut -c 1-500)"
  return 1
}

# ---------------------------------------------------------------- fold-overlay

# Brings one disk back onto its base: commit, pivot, check that nothing uses the overlay, only then delete it.
# Looks at what is, not at what was recorded: the overlay may never have been made, or be folded already.
fold_overlay() { # uuid target overlay base
  uuid=$1 target=$2 overlay=$3 base=$4 name=${3##*/}
  # Again when the guest stopped or started while we looked.
  for _ in 1 2 3; do
    detail=
    if fold_once; then
      printf 'folded\t%s\n' "$target"
      return 0
    fi
    [ "$detail" = again ] || break
  done
  [ "$detail" = again ] && detail="the VM kept starting and stopping"
  left fold-overlay "$target: $detail"
}

fold_once() {
  case $(domain_presence) in
    unknown) detail="libvirt does not answer"; return 1 ;;
    undefined)
      [ -e "$overlay" ] || return 0
      detail="the VM is no longer defined on this host; its overlay $overlay is kept"
      return 1
      ;;
    active) wait_for_job_lock && fold_live || return 1 ;;
    inactive) fold_offline || return 1 ;;
  esac
  put_definition_right || return 1
  remove_overlay
}

# active | inactive | undefined | unknown
domain_presence() {
  call_virsh 60 list --all --uuid >"$work/all" 2>/dev/null || { echo unknown; return; }
  grep -Fqx -- "$uuid" "$work/all" || { echo undefined; return; }
  call_virsh 60 list --uuid >"$work/active" 2>/dev/null || { echo unknown; return; }
  if grep -Fqx -- "$uuid" "$work/active"; then echo active; else echo inactive; fi
}

# A snapshot whose client was ended may still be under way in libvirtd. A query takes the same per-domain lock,
# so once it is answered the change has either happened or it has not.
wait_for_job_lock() {
  deadline=$(($(date +%s) + busy_seconds))
  until call_virsh 90 domblkstat "$uuid" "$target" >/dev/null 2>"$work/error"; do
    is_active || { detail=again; return 1; }
    [ "$(date +%s)" -lt "$deadline" ] ||
      { detail="libvirt is still busy with this VM: $(tail -n 1 "$work/error")"; return 1; }
    pause
  done
}

fold_live() {
  deadline=$(($(date +%s) + fold_seconds)) started=0 pivots=0
  while :; do
    case $(disk_status) in
      elsewhere | absent) return 0 ;;
      unreadable)
        if is_active; then detail="virsh dumpxml failed"; else detail=again; fi
        return 1
        ;;
      other-job) detail="another block job runs on this disk"; return 1 ;;
      overlay)
        [ "$started" -lt 3 ] || { detail="the block commit does not get ready: $(tail -n 1 "$work/error")"; return 1; }
        started=$((started + 1))
        # Its own former base only: without --base, blockcommit would flatten the whole chain.
        call_virsh 120 blockcommit "$uuid" "$target" --active --base "$base" --top "$overlay" \
          >/dev/null 2>"$work/error" || pause
        ;;
      committing) report_progress; pause ;;
      ready)
        [ "$pivots" -lt 40 ] || { detail="the block job does not pivot: $(tail -n 1 "$work/error")"; return 1; }
        pivots=$((pivots + 1))
        # Ready: the base holds everything the overlay does, and every new write goes to both.
        note_committed
        call_virsh 120 blockjob "$uuid" "$target" --pivot >/dev/null 2>"$work/error" || pause
        ;;
    esac
    [ "$(date +%s)" -lt "$deadline" ] || { detail="the block commit did not finish in $fold_seconds s"; return 1; }
  done
}

# elsewhere: the disk's image is not our overlay | overlay | committing | ready | other-job | absent | unreadable
# libvirt writes this XML itself, indented by nesting: a disk is at four spaces, its own source and mirror at six.
disk_status() {
  call_virsh 60 dumpxml "$uuid" >"$work/live.xml" 2>/dev/null || { echo unreadable; return; }
  disk_block "$target" "$work/live.xml" | awk -v name="/$name'" '
    /^      <source / && !seen { seen = 1; ours = index($0, name) }
    /^      <mirror / { mirror = $0 }
    END {
      if (NR == 0) print "absent"
      else if (!ours) print "elsewhere"
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

is_active() { call_virsh 60 list --uuid 2>/dev/null | grep -Fqx -- "$uuid"; }

report_progress() {
  percent=$(call_virsh 60 blockjob "$uuid" "$target" --info 2>&1 | sed -n 's/.*\[ *\([0-9][0-9]*\).*%\].*/\1/p')
  [ -n "$percent" ] && printf 'progress\t%s\t%s\n' "$target" "$percent"
}

# The guest went away inside the window: what it wrote is in the overlay, so it is committed with the VM shut off.
# QEMU's image locks refuse this while any QEMU has the images open.
fold_offline() {
  call_virsh 60 dumpxml --inactive --security-info "$uuid" >"$work/inactive.xml" 2>/dev/null ||
    { detail="virsh dumpxml --inactive failed"; return 1; }
  grep -Fq -- "/$name'" "$work/inactive.xml" || return 0
  [ -f "$overlay" ] || { detail="the VM is defined on $overlay, which does not exist"; return 1; }
  if ! qemu-img commit -f qcow2 -b "$base" -- "$overlay" >/dev/null 2>"$work/error" 9>&-; then
    if is_active; then detail=again; else detail="qemu-img commit failed: $(tail -n 1 "$work/error")"; fi
    return 1
  fi
  note_committed
}

# Written before the pivot: whoever comes next knows that an overlay no longer in use was not simply abandoned.
note_committed() {
  grep -Fqx -- "committed$tab$overlay" "$folder/journal" && return 0
  printf 'committed\t%s\n' "$overlay" >>"$folder/journal" && make_durable "$folder/journal"
}

# The definition for the next start. libvirt puts it right at the pivot; after an offline commit we do, by putting
# back this disk's own <disk> element as it was. Everything else in the definition stays as it is now.
put_definition_right() {
  call_virsh 60 dumpxml --inactive --security-info "$uuid" >"$work/inactive.xml" 2>/dev/null ||
    { detail="virsh dumpxml --inactive failed"; return 1; }
  grep -Fq -- "/$name'" "$work/inactive.xml" || return 0
  disk_block "$target" "$folder/definition.xml" >"$work/block"
  [ -s "$work/block" ] || { detail="the definition still names $overlay and the one of before lacks the disk"; return 1; }
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
    { detail="virsh define failed: $(tail -n 1 "$work/error")"; return 1; }
  if ! call_virsh 60 dumpxml --inactive "$uuid" >"$work/inactive.xml" 2>/dev/null ||
    grep -Fq -- "/$name'" "$work/inactive.xml"; then
    detail="the definition still names $overlay"
    return 1
  fi
}

# Deletes the overlay once nothing uses it: neither definition, no process, and its data is known to be in the base.
remove_overlay() {
  [ -e "$overlay" ] || [ -L "$overlay" ] || return 0
  if [ ! -f "$overlay" ] || [ -L "$overlay" ]; then
    detail="$overlay is not a plain file; it is kept"
    return 1
  fi
  if is_active && { ! call_virsh 60 dumpxml "$uuid" >"$work/live.xml" 2>/dev/null || grep -Fq -- "/$name'" "$work/live.xml"; }; then
    detail="$overlay is still in use by the VM; it is kept"
    return 1
  fi
  # shellcheck disable=SC2010  # only the unique name is looked for, in what the links point to
  if ls -l /proc/[0-9]*/fd 2>/dev/null | grep -Fq -- "/$name"; then
    detail="a process still has $overlay open; it is kept"
    return 1
  fi
  if ! grep -Fqx -- "committed$tab$overlay" "$folder/journal" && ! is_empty_overlay; then
    detail="$overlay holds data and nothing says that it was committed; it is kept"
    return 1
  fi
  rm -f -- "$overlay" || { detail="cannot delete $overlay"; return 1; }
}

# Made by a snapshot that never took effect: it holds no cluster of its own.
is_empty_overlay() {
  [ -s "$overlay" ] || return 0
  qemu-img map --output=json -f qcow2 -- "$overlay" >"$work/map" 2>/dev/null || return 1
  ! grep -q '"depth": 0, .*"data": true' "$work/map"
}

# ---------------------------------------------------------------- thaw-guest

# An agent that hangs in a freeze ends it late, so one refusal says nothing: ask until it answers.
thaw_guest() { # uuid
  uuid=$1
  deadline=$(($(date +%s) + thaw_seconds))
  while is_active; do
    call_virsh 20 domfsthaw "$uuid" >/dev/null 2>"$work/error" && return 0
    [ "$(date +%s)" -lt "$deadline" ] ||
      { left thaw-guest "the guest agent did not thaw the file systems: $(tail -n 1 "$work/error")"; return 1; }
    pause
  done
}

# ----------------------------------------------------------------

call_virsh() { # seconds command…
  seconds=$1; shift
  # 9>&-: a session daemon that virsh starts must not inherit our lock.
  timeout -k 5 "$seconds" virsh -c "$uri" "$@" </dev/null 9>&-
}

pause() { sleep 0.2 2>/dev/null || sleep 1; }

main "$@"
