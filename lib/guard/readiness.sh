# Says how the login stands on this host: whether a guard could be armed, and would live. Reads only.
# Run as: readiness.sh
#
# Prints lines of fields between tabs:
#   login USER UID
#   missing TOOL                     for each program that a guard needs
#   folder PATH TROUBLE FREE_KIB     where guards lie (arm.sh); TROUBLE is empty when one could be armed there
#   ends-sessions                    systemd ends what this login leaves behind
#   selinux enforcing|permissive

tab=$(printf '\t')
say() { printf '%s\n' "$*"; }
one_line() { printf '%s' "$1" | tr '\t\n' '  '; }

uid=$(id -u)
say "login$tab$(one_line "$(id -un 2>/dev/null || echo "$uid")")$tab$uid"

for tool in virsh qemu-img flock timeout awk sed grep df dd stat; do
  command -v "$tool" >/dev/null || say "missing$tab$tool"
done
[ -r /proc/uptime ] || say "missing$tab/proc/uptime"

if [ "${VIRTFOLD_STATE_DIRECTORY:-}" ]; then
  state=$VIRTFOLD_STATE_DIRECTORY
elif [ "$uid" = 0 ]; then
  state=/var/lib/virtfold
else
  state=${XDG_STATE_HOME:-$HOME/.local/state}/virtfold
fi
# It is made when it is not there: then it is the nearest folder above that counts.
there=$state
while [ ! -e "$there" ] && [ ! -L "$there" ]; do there=$(dirname -- "$there"); done
trouble=
if [ ! -d "$there" ]; then
  trouble="$there is no folder"
elif [ ! -w "$there" ] || [ ! -x "$there" ]; then
  trouble="$there cannot be written to"
fi
free=$(df -P -k "$there" 2>/dev/null | awk 'NR == 2 { for (i = 5; i <= NF; i++) if ($i ~ /^[0-9]+%$/) { print $(i - 1); exit } }')
say "folder$tab$(one_line "$state")$tab$(one_line "$trouble")$tab$free"

# A unit of its own keeps the watcher of root alive; that of another user needs lingering.
ends_sessions() {
  [ "$uid" != 0 ] && [ -d /run/systemd/system ] || return 1
  configured=$(cat /usr/lib/systemd/logind.conf /usr/lib/systemd/logind.conf.d/*.conf /etc/systemd/logind.conf \
    /etc/systemd/logind.conf.d/*.conf /run/systemd/logind.conf.d/*.conf 2>/dev/null |
    sed -n 's/^ *KillUserProcesses *= *//p' | tail -n 1)
  case $configured in [yY1]* | [tT]* | on) ;; *) return 1 ;; esac
  [ ! -e "/var/lib/systemd/linger/$(id -un)" ]
}
! ends_sessions || say ends-sessions

if [ -r /sys/fs/selinux/enforce ]; then
  case $(cat /sys/fs/selinux/enforce) in 1) say "selinux${tab}enforcing" ;; *) say "selinux${tab}permissive" ;; esac
fi
exit 0
