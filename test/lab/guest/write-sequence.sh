#!/bin/sh
# Appends a growing number to <disk>/sequence.log on every writable ext4 disk, each write flushed to the disk.
# What it prints on the serial line is the oracle: "SEQ n" written everywhere, "IOERROR" a write failed,
# "GAP" a disk came back with a hole in its sequence.
# The loop starts no process: under emulation each would cost more than everything else here.
interval=$1
seen=" "
disks=
number=0

check_disk() {
  awk -v disk="$1" 'NR > 1 && $1 != last + 1 { print "GAP " disk " " last " " $1 } { last = $1 } END { print "DISK " disk " " last + 0 }' \
    "$2/sequence.log"
}

last_of() { tail -n 1 "$1/sequence.log"; }

adopt_disk() {
  folder=/disks/$1
  mkdir -p "$folder"
  if [ "$(cat "/sys/block/$1/ro")" = 1 ]; then
    mount -t ext4 -o ro,noload "/dev/$1" "$folder" && echo "DISK $1 read-only"
    return
  fi
  mount -t ext4 -o sync "/dev/$1" "$folder" || return
  [ -e /disk ] || ln -s "$folder" /disk
  touch "$folder/sequence.log"
  check_disk "$1" "$folder"
  disks="$disks $folder"
  last=$(last_of "$folder")
  [ "${last:-0}" -le "$number" ] || number=$last
}

adopt_new_disks() {
  for entry in /sys/block/vd[a-z] /sys/block/sd[a-z]; do
    [ -e "$entry" ] || continue
    device=${entry##*/}
    case $seen in *" $device "*) continue ;; esac
    seen="$seen$device "
    adopt_disk "$device"
    level=
  done
}

# A cut between the writes to two disks leaves one a single number behind. That is no gap.
level_disks() {
  level=done
  for folder in $disks; do
    last=$(last_of "$folder")
    [ -n "$last" ] || continue
    [ "$last" -ge "$number" ] && continue
    [ "$((last + 1))" -eq "$number" ] || echo "GAP ${folder##*/} $last $number"
    while [ "$last" -lt "$number" ]; do
      last=$((last + 1))
      echo "$last" >>"$folder/sequence.log"
    done
  done
}

mkfifo /run/never
exec 3<>/run/never # nobody writes to it: reading with a time limit is a sleep without a process
while [ ! -e /run/stop ]; do
  adopt_new_disks
  [ -n "$level" ] || level_disks
  number=$((number + 1))
  for folder in $disks; do
    echo "$number" >>"$folder/sequence.log" || echo "IOERROR $folder $number"
  done
  echo "SEQ $number"
  read -r -t "$interval" _ <&3
done
: >/run/stopped
