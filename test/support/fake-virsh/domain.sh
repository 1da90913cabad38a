# What the fake virsh does with one domain: $domain is its folder, $target a disk, $job that disk's job.

must_run() { [ -e "$domain/live.xml" ] || refuse "Requested operation is not valid: domain is not running"; }

own_source() { MODE=source TARGET=$target awk -f "$here/disk.awk" "$domain/$1.xml"; }

dump_xml() {
  which=live
  { [ "$inactive" ] || [ ! -e "$domain/live.xml" ]; } && which=inactive
  [ -e "$domain/$which.xml" ] || refuse "Requested operation is not valid: domain is transient"
  [ "$which" = live ] && advance_jobs
  if happens truncated; then
    sed '/<\/disk>/,$d' "$domain/$which.xml"
  else
    cat "$domain/$which.xml"
    echo
  fi
}

# A commit gets ready, or goes away, between two looks at it.
advance_jobs() {
  for job in "$domain"/jobs/*; do
    [ -e "$job" ] || continue
    target=${job##*/}
    { read -r kind; read -r base; read -r polls; } <"$job"
    [ "$kind" = active-commit ] || continue
    if happens vanish; then
      rm -f "$job"
      render live
    elif [ "$polls" -gt 0 ]; then
      printf '%s\n%s\n%s\n' "$kind" "$base" $((polls - 1)) >"$job"
      [ "$polls" -gt 1 ] || render live
    fi
  done
}

# Writes the disk into the domain's XML as its images and its job are now.
render() { # live | inactive  [own image]
  image=${2:-$(unescape "$(own_source "$1")")}
  chain='' mirror='' live=''
  [ "$1" = live ] && live=yes
  format=$(format_of "$image")
  while [ "$image" ]; do
    chain="$chain${chain:+
}$format $(escape "$image")"
    format=$(backing_format_of "$image")
    image=$(backing_of "$image")
    [ "$image" = - ] && image=
  done
  if [ "$live" ] && [ -e "$domain/jobs/$target" ]; then
    { read -r kind; read -r mirror_base; read -r polls; } <"$domain/jobs/$target"
    ready=no
    [ "$polls" = 0 ] && ready=yes
    [ "$kind" = pull ] || mirror="$kind $ready $(format_of "$mirror_base" 2>/dev/null || echo raw) $(escape "$mirror_base")"
  fi
  MODE=rewrite TARGET=$target CHAIN=$chain LIVE=$live MIRROR=$mirror awk -f "$here/disk.awk" "$domain/$1.xml" \
    >"$domain/new.xml"
  mv "$domain/new.xml" "$domain/$1.xml"
}

take_snapshot() {
  [ "$quiesce" ] && : >"$domain/frozen"
  if [ -e "$state/control/late" ]; then
    printf '%s' "$specs" >"$domain/late"
    leave 1
  fi
  count=0
  [ ! -e "$state/control/partial" ] || { read_number "$state/control/partial"; count=$((number + 1)); }
  printf '%s' "$specs" >"$state/specs"
  while IFS= read -r spec; do
    target=${spec%%,*}
    case $spec in *,file=*) overlay=${spec#*,file=} ;; *) continue ;; esac
    count=$((count - 1))
    [ "$count" -ne 0 ] || refuse "internal error: unable to execute QEMU command 'transaction'"
    [ ! -s "$overlay" ] || refuse "unsupported configuration: external snapshot file for disk $target already exists"
    base=$(unescape "$(own_source live)")
    printf 'fake qcow2\nbacking %s %s\n' "$(format_of "$base")" "$base" >"$overlay"
    render live "$overlay"
    render inactive "$overlay"
  done <"$state/specs"
  rm -f "$domain/frozen"
}

apply_late_snapshot() {
  [ -e "$domain/late" ] || return 0
  happens late && return 1
  rm -f "$state/control/late"
  wanted=$target specs=$(cat "$domain/late")
  specs="$specs
"
  rm -f "$domain/late"
  take_snapshot
  target=$wanted
}

start_commit() {
  [ ! -e "$job" ] || refuse "block copy still active: disk '$target' already in active block job"
  image=$(unescape "$(own_source live)")
  [ "$top" = "$image" ] && [ "$(backing_of "$image")" = "$base" ] ||
    refuse "invalid argument: could not find image '$top' in chain for '$target'"
  happens commit-fails && refuse "internal error: unable to execute QEMU command 'block-commit': Permission denied"
  read_number "$state/control/ready-after"
  printf 'active-commit\n%s\n%s\n' "$base" "$number" >"$job"
  render live
}

pivot_job() {
  [ "$(sed -n 3p "$job")" = 0 ] || refuse "block copy not ready yet: disk '$target' not ready for pivot yet"
  happens pivot-fails && refuse "internal error: unable to execute QEMU command 'block-job-complete'"
  overlay=$(own_source live) base=$(sed -n 2p "$job")
  commit_data "$(unescape "$overlay")" "$base"
  rm -f "$job"
  render live "$base"
  happens keeps-definition && return
  [ "$(own_source inactive)" != "$overlay" ] || render inactive "$base"
}

stop_domain() { # reason
  rm -f "$domain/live.xml" "$domain"/jobs/* "$domain/frozen" "$domain/paused"
  echo "$1" >"$domain/reason"
}

start_domain() {
  [ ! -e "$domain/live.xml" ] || refuse "Domain is already active"
  from=$domain/inactive.xml
  [ -e "$domain/saved.xml" ] && from=$domain/saved.xml
  sed "s/^\(<domain type='[a-z]*'\)>/\1 id='1'>/" "$from" >"$domain/live.xml"
  for target in $(MODE=targets awk -f "$here/disk.awk" "$domain/live.xml"); do
    image=$(unescape "$(own_source live)")
    [ "$image" ] || continue # an empty drive
    [ -e "$image" ] || { rm -f "$domain/live.xml"; refuse "Cannot access storage file '$image': No such file or directory"; }
    render live
  done
  rm -f "$domain/saved.xml"
}
