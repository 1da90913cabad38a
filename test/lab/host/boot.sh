#!/bin/sh
# Becomes PID 1 of a laboratory host. Runs in fresh mount, pid, uts and ipc namespaces and in the host's network
# namespace; everything mounted here disappears with the last process.
#   boot.sh LOWER HOST_DIRECTORY STORE_DIRECTORY LABS_DIRECTORY HOSTNAME hypervisor|bastion
set -eu
lower=$1 directory=$2 store=$3 labs=$4 name=$5 role=$6
root=$directory/root

mount -t overlay -o "lowerdir=$lower,upperdir=$directory/upper,workdir=$directory/work" overlay "$root"
cd "$root"
mkdir -p dev proc sys run tmp mnt root home srv var/log/libvirt var/tmp var/cache var/lib/libvirt etc/ssh etc/libvirt
chmod 1777 var/tmp
chmod 700 root
if [ ! -e etc/laboratory ]; then
  cp -R -p "$directory/seed/." .
  : >etc/laboratory
fi
mount -t proc -o nosuid,nodev,noexec proc proc
# Without the cgroup file systems below it: libvirt then leaves the machine's cgroups alone.
mount -t sysfs -o nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,nosuid tmpfs run
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs tmp
# A boot of its own, which the kernel that all hosts share knows nothing of.
cat /proc/sys/kernel/random/uuid >run/boot_id
mount --bind run/boot_id proc/sys/kernel/random/boot_id

# A /dev of its own: with the machine's, libvirtd deletes and makes anew the machine's /dev/null.
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs dev
mkdir dev/pts dev/shm dev/net dev/lab
mount -t devpts -o newinstance,nosuid,noexec,gid=5,mode=620,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
while read -r node mode major minor; do
  mknod -m "$mode" "dev/$node" c "$major" "$minor"
done <<NODES
null 666 1 3
zero 666 1 5
full 666 1 7
random 666 1 8
urandom 666 1 9
tty 666 5 0
loop-control 660 10 237
net/tun 666 10 200
NODES
number=0
while [ "$number" -lt 64 ]; do
  mknod -m 660 "dev/loop$number" b 7 "$number"
  number=$((number + 1))
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
# The loop devices were attached outside, where their files have paths that belong to this laboratory.
while read -r node target _; do ln -s "$target" "dev/lab/$node"; done <"$directory/block-devices"

mount --bind "$directory/libvirt" var/lib/libvirt
mount --bind "$directory/srv" srv
# Hides this laboratory's own folder, and the neighbours', which the lower layer would show.
mkdir -p ".$labs"
mount -t tmpfs -o mode=755,size=1m tmpfs ".$labs"
mkdir -p ".$store"
mount --bind "$store" ".$store"

pivot_root . mnt
cd /
umount -l /mnt
hostname "$name"
if [ "$role" = hypervisor ]; then
  ip link add br0 type bridge
  ip link set br0 up
fi
mkdir -p /run/sshd /run/lock

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
if [ "$role" = hypervisor ]; then
  virtlogd -d
  libvirtd -d
fi
/usr/sbin/sshd
# Ignoring the signal makes the kernel reap. QEMU becomes our child when libvirt starts it, and a zombie would look to
# libvirt like a QEMU that cannot be killed: every stop would take 40 s. (dash's own trap does not survive exec.)
exec env --ignore-signal=CHLD sleep infinity
