#!/bin/sh
# What the guest agent and the ACPI power button call: stop writing, unmount, power off (or -r: start again).
ending=poweroff
for word in "$@"; do
  case $word in -r) ending=reboot ;; esac
done
: >/run/stop
rounds=0
while [ ! -e /run/stopped ] && [ "$rounds" -lt 50 ]; do
  rounds=$((rounds + 1))
  sleep 0.1
done
for folder in /disks/*; do umount "$folder" || mount -o remount,ro "$folder"; done
sync
echo "DOWN" >/dev/ttyS0
"$ending" -f
