#!/bin/sh
# The guest agent calls this with "freeze" before it freezes the file systems and with "thaw" afterwards.
# A test that wants a hanging freeze writes a number of seconds to /run/hang-freeze, or puts its own hook on the disk.
if [ -x /disk/freeze-hook ]; then exec /disk/freeze-hook "$@"; fi
if [ "$1" = freeze ] && [ -e /run/hang-freeze ]; then sleep "$(cat /run/hang-freeze)"; fi
exit 0
