#!/bin/sh
# PID 1 of a laboratory guest: loads drivers, starts the guest agent and the writer, then only reaps.
export PATH=/bin:/sbin HOME=/
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
exec >/dev/ttyS0 2>&1 </dev/null
while read -r module; do insmod "/modules/$module"; done </modules/order
interval=0.5
for word in $(cat /proc/cmdline); do
  case $word in virtfold.interval=*) interval=${word#*=} ;; esac
done
for port in /sys/class/virtio-ports/*; do
  [ -e "$port/name" ] || continue
  read -r name <"$port/name"
  [ "$name" = org.qemu.guest_agent.0 ] || continue
  qemu-ga --method=virtio-serial --path="/dev/${port##*/}" --statedir=/run --pidfile=/run/qemu-ga.pid \
    --fsfreeze-hook=/etc/fsfreeze-hook --logfile=/run/qemu-ga.log &
done
acpid -f -l /run/acpid.log &
write-sequence "$interval" &
while :; do
  wait
  sleep 1
done
