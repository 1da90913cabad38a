#!/bin/sh
# Makes the root of a host of another generation.
#   build-suite.sh SUITE DIRECTORY MIRROR
set -eu
suite=$1 directory=$2 mirror=$3
debootstrap --variant=minbase "$suite" "$directory" "$mirror"
printf '#!/bin/sh\nexit 101\n' >"$directory/usr/sbin/policy-rc.d"
chmod 755 "$directory/usr/sbin/policy-rc.d"
chroot "$directory" apt-get install --yes --no-install-recommends \
  libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils ovmf \
  openssh-server rsync sudo iproute2 procps
rm -f "$directory/usr/sbin/policy-rc.d"
rm -rf "$directory"/var/cache/apt/archives/*.deb "$directory"/var/lib/apt/lists/*
