# What the fake virsh and the fake qemu-img share: the state directory, its lock, and what tests put into it.
#
# VIRTFOLD_FAKE_LIBVIRT names the state directory:
#   domains/UUID/inactive.xml   the definition          domains/UUID/live.xml   while it runs
#   domains/UUID/saved.xml      its managed save        domains/UUID/reason     why it is shut off
#   domains/UUID/jobs/TARGET    KIND, BASE, polls until ready: one a line
#   domains/UUID/frozen         while the guest's file systems are frozen
#   calls                       every call, one a line
#   control/NAME                a number: how often something goes wrong, or how long it takes (see virsh)
#   before/VERB.N, after/VERB.N shell text to run around the N-th call of a verb
#   before/N, after/N           … around the N-th call of all
#
# An image is a text file: "fake FORMAT", "backing FORMAT PATH" or "backing -", then one line for each write;
# "snapshot NAME" for an internal snapshot.

state=${VIRTFOLD_FAKE_LIBVIRT:?}

# One call at a time; what a hook calls belongs to the call it is a hook of.
enter() { # program verb argument…
  [ "${VIRTFOLD_FAKE_INSIDE:-}" ] && return
  VIRTFOLD_FAKE_INSIDE=yes
  export VIRTFOLD_FAKE_INSIDE
  exec 7>>"$state/lock"
  flock 7
  verb=$2
  printf '%s\n' "$*" >>"$state/calls"
  read_number "$state/count/all"
  call=$((number + 1))
  echo "$call" >"$state/count/all"
  read_number "$state/count/$verb"
  verb_call=$((number + 1))
  echo "$verb_call" >"$state/count/$verb"
  run_hooks before
}

leave() { # exit code
  [ "${call:-}" ] && run_hooks after
  exit "$1"
}

run_hooks() { # before | after
  for hook in "$state/$1/$call" "$state/$1/$verb.$verb_call"; do
    [ -e "$hook" ] || continue
    sh "$hook" 7>&- || exit 1
  done
}

read_number() {
  number=0
  [ ! -e "$1" ] || read -r number <"$1"
}

# Whether something that is to happen a number of times happens now.
happens() { # control name
  read_number "$state/control/$1"
  [ "$number" -gt 0 ] || return 1
  echo $((number - 1)) >"$state/control/$1"
}

refuse() {
  echo
  printf 'error: %s\n' "$1" >&2
  leave 1
}

backing_of() { sed -n '2s/^backing [a-z0-9]* //p' "$1"; }
format_of() { sed -n '1s/^fake //p' "$1"; }
backing_format_of() { sed -n '2s/^backing \([a-z0-9]*\) .*/\1/p' "$1"; }

# What the base does not hold yet of what was written to the image.
commit_data() { # image base
  { read -r _ && read -r _ && read -r _; } <"$1" || return 0
  # As QEMU: what the guest sees, and no snapshot.
  sed 1,2d "$1" | grep -v '^snapshot ' | grep -vxF -f "$2" >"$state/merge"
  cat "$state/merge" >>"$2"
}

escape() { printf '%s' "$1" | sed "s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/\"/\\&quot;/g; s/'/\\&apos;/g"; }
unescape() { printf '%s' "$1" | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&apos;/'/g; s/&amp;/\\&/g"; }
